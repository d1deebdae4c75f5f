// The messages of a room: all that are known, and the one stretch of its history that is shown.

import { app } from '../ctx.js';
import { Source } from '../dom.js';

const PAGE = 60;

export class History extends Source {
  /** Every message that is known, by its offset. @type {Map<number, any>} */
  known = new Map();
  /** The offsets of the one stretch of history that is shown, in order. @type {number[]} */
  range = [];
  atStart = false;
  atEnd = false;
  /** What was told while something was fetched: it is told again afterwards, since events are absolute and answers may be older. */
  meanwhile = [];
  fetching = 0;
  /** Created since this room is listened to, so that no message is missing where the history ends and the live part begins. */
  tail = [];

  constructor(id) {
    super();
    this.id = id;
  }

  async around(at) {
    const entry = app.inbox.get(this.id);
    const middle = at ?? (entry?.unread > 0 ? entry.read : null);
    if (middle == null) return this.newest();
    return this.fetch(() => Promise.all([
      app.client.call('message.list', { room: this.id, before: middle + 1, limit: PAGE / 2 }),
      app.client.call('message.list', { room: this.id, after: middle, limit: PAGE }),
    ]), ([before, after]) => {
      this.range = [];
      this.take(before.items);
      this.take(after.items);
      this.atStart = before.next == null;
      this.end(after.next == null);
    });
  }

  /** The end of the history. */
  newest() {
    return this.fetch(() => app.client.call('message.list', { room: this.id, limit: PAGE }), (page) => {
      this.range = [];
      this.take(page.items);
      this.atStart = page.next == null;
      this.end(true);
    });
  }

  older() {
    if (this.atStart || this.olderRuns || !this.range.length) return null;
    this.olderRuns = this.fetch(() => app.client.call('message.list', { room: this.id, before: this.range[0], limit: PAGE }), (page) => {
      this.take(page.items);
      this.atStart = page.next == null;
    }).catch(() => {}).finally(() => { this.olderRuns = null; });
    return this.olderRuns;
  }

  newer() {
    if (this.atEnd || this.newerRuns || !this.range.length) return null;
    this.newerRuns = this.fetch(() => app.client.call('message.list', { room: this.id, after: this.range.at(-1), limit: PAGE }), (page) => {
      this.take(page.items);
      this.end(page.next == null);
    }).catch(() => {}).finally(() => { this.newerRuns = null; });
    return this.newerRuns;
  }

  /** Fetches something, takes it, and tells what happened meanwhile once more. */
  async fetch(ask, take) {
    this.fetching += 1;
    try {
      const answer = await ask();
      take(answer);
      for (const event of this.meanwhile) this.apply(event);
      this.emit('messages');
      return answer;
    } finally {
      this.fetching -= 1;
      if (!this.fetching) this.meanwhile = [];
    }
  }

  end(reached) {
    this.atEnd = reached;
    const last = this.range.at(-1) ?? 0;
    if (reached) for (const offset of this.tail) if (offset > last) this.insert(offset);
  }

  take(items) {
    for (const message of items) {
      this.learn(message, true);
      this.insert(message.offset);
    }
  }

  insert(offset) {
    const { range } = this;
    if (!range.length || offset > range.at(-1)) range.push(offset);
    else {
      const place = find(range, offset);
      if (range[place] !== offset) range.splice(place, 0, offset);
    }
  }

  /** Remembers a message as it stands. Those in events bring no reactions: what is known of them stays. */
  learn(message, whole = false) {
    const before = this.known.get(message.offset);
    const reactions = isPlace(message) ? [] : whole ? message.reactions : message.reactions ?? before?.reactions;
    this.known.set(message.offset, { ...message, reactions, v: (before?.v ?? 0) + 1 });
    app.people.meet(message.sender, message.created_at);
    const root = message.thread && message.thread.root !== message.offset && this.known.get(message.thread.root);
    if (root && (root.thread?.last_reply ?? 0) <= message.thread.last_reply) this.change(root.offset, { thread: message.thread });
    this.expire(message);
  }

  change(offset, fields) {
    const message = this.known.get(offset);
    if (message) this.known.set(offset, { ...message, ...fields, v: message.v + 1 });
  }
}

/** Whether only the place of a message is shown, and so nothing that is on it. */
export const isPlace = (message) => Boolean(message.deleted_at || message.withheld);

/** The first place whose offset is not smaller. */
export function find(range, offset) {
  let low = 0, high = range.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (range[middle] < offset) low = middle + 1; else high = middle;
  }
  return low;
}
