// The user's rooms by their activity, kept up to date by the events of all of them.

import { Source, debounce } from '../dom.js';
import { app } from '../ctx.js';
import { calls } from './people.js';

/** How many rooms are listened to at once: a connection may have 128 subscriptions, and rooms are looked at beside. */
const LIVE = 100;

export class Inbox extends Source {
  /** @type {Map<string, any>} */
  entries = new Map();
  loaded = false;
  /** Rooms that are listened to. */
  heard = new Set();
  /** Rooms of which the inbox is asked just now, since they have their first message. */
  begun = new Set();

  constructor() {
    super();
    this.refresh = debounce(300, () => this.load().catch(() => {}));
    app.client.addEventListener('personal', ({ detail }) => this.personal(detail));
    app.client.addEventListener('state', () => {
      if (app.client.state !== 'online' || !this.loaded) return;
      this.refresh();
      this.listen();
    });
    // Rooms that are too many to be listened to.
    setInterval(() => { if (this.entries.size > LIVE && !document.hidden) this.refresh(); }, 60_000);
  }

  async load() {
    const items = [];
    let cursor;
    do {
      const page = await app.client.call('inbox.list', { limit: 100, ...(cursor && { cursor }) });
      items.push(...page.items);
      cursor = page.next;
    } while (cursor && items.length < 500);
    const before = this.entries;
    this.entries = new Map();
    for (const entry of items) {
      // What the log said since the answer was made stands.
      const had = before.get(entry.room.id);
      this.entries.set(entry.room.id, had && had.room.offset > entry.room.offset ? had : entry);
      entry.room.people?.forEach((user) => app.people.meet(user));
      if (entry.last_message) app.people.meet(entry.last_message.sender, entry.last_message.created_at);
    }
    // A direct room without a message is not in the inbox of the server yet.
    for (const [id, entry] of before) if (entry.fresh && !this.entries.has(id)) this.entries.set(id, entry);
    if (!this.loaded) this.listen();
    this.loaded = true;
    for (const entry of items.slice(0, LIVE)) this.hear(entry.room.id);
    this.emit('change');
  }

  /** A direct room that somebody else has opened is in the inbox once there is a message, which is heard for that. */
  async listen() {
    try {
      let cursor;
      do {
        const page = await app.client.call('room.list', { mine: true, limit: 200, ...(cursor && { cursor }) });
        for (const room of page.items) {
          if (room.kind !== 'direct' || this.entries.has(room.id) || this.heard.size >= LIVE) continue;
          this.hear(room.id, room.offset);
          // Something was said between the two answers.
          if (room.offset > room.member_count) this.refresh();
        }
        cursor = page.next;
      } while (cursor);
    } catch { /* With the next connection. */ }
  }

  hear(id, offset = this.entries.get(id)?.room.offset) {
    if (this.heard.has(id)) return;
    this.heard.add(id);
    const room = app.client.room(id);
    if (!room.heard) {
      room.heard = true;
      room.addEventListener('event', ({ detail }) => this.event(id, detail));
      room.addEventListener('reset', () => this.refresh());
      room.addEventListener('ended', ({ detail }) => {
        // Too many, or not now: not again and again.
        if (detail.status === 409 || detail.status === 429) return;
        this.heard.delete(id);
        this.refresh();
      });
    }
    // What happened since the entry was read is told as well.
    room.subscribe({ offset });
  }

  /** A room has its first message. Those right behind it come with the same answer. */
  async begins(id, message) {
    if (this.begun.has(id)) return;
    this.begun.add(id);
    await this.load().catch(() => {});
    this.begun.delete(id);
    const entry = this.entries.get(id);
    if (entry && message.sender.id !== app.me.id) this.emit('message', { entry, message });
  }

  sorted() {
    return [...this.entries.values()].sort((a, b) => (a.active_at < b.active_at ? 1 : -1));
  }

  get(id) { return this.entries.get(id); }

  /** All that is unread in rooms. */
  total() {
    let rooms = 0, mentions = 0;
    for (const entry of this.entries.values()) {
      rooms += entry.unread > 0 ? 1 : 0;
      mentions += entry.room.kind === 'direct' ? entry.unread : entry.mentions;
    }
    return { rooms, mentions };
  }

  event(id, event) {
    const entry = this.entries.get(id);
    if (!entry && event.type === 'message.created' && !event.message.withheld) this.begins(id, event.message);
    if (!entry || event.offset <= entry.room.offset) return;
    entry.room.offset = event.offset;
    const { message } = event;
    if (event.type === 'message.created') {
      app.people.meet(message.sender, message.created_at);
      if (message.withheld) return;
      if (!message.deleted_at) {
        entry.last_message = message;
        entry.active_at = message.created_at;
      }
      if (message.sender.id === app.me.id) {
        // Whoever writes has read.
        entry.read = Math.max(entry.read, event.offset);
        entry.unread = 0;
        entry.mentions = 0;
      } else if (event.offset > entry.read && !message.deleted_at) {
        entry.unread += 1;
        if (calls(message, app.me.id)) entry.mentions += 1;
        this.emit('message', { entry, message });
      }
    } else if (event.type === 'message.edited') {
      if (entry.last_message?.offset === message.offset) entry.last_message = message;
    } else if (event.type === 'message.deleted') {
      if (entry.last_message?.offset === message.offset) entry.last_message = { ...entry.last_message, ...message };
      if (message.offset > entry.read) this.refresh();
    } else if (event.type === 'room.changed') {
      Object.assign(entry.room, { read_only: false, slow_seconds: 0, expire_seconds: 0, filter: undefined, retention_seconds: 0 }, event.room);
    } else if (event.type === 'room.deleted') {
      this.drop(id);
      if (event.actor.id !== app.me.id) this.emit('deleted', entry.room);
    } else if (event.type === 'member.joined') {
      entry.room.member_count += 1;
    } else if (event.type === 'member.left') {
      entry.room.member_count -= 1;
    } else if (event.type === 'member.changed') {
      if (event.member.user.id === app.me.id) entry.room.role = event.member.role;
    } else return;
    this.emit('change', id);
  }

  personal(signal) {
    if (signal.type === 'room.added') this.add(signal.room);
    if (signal.type === 'room.removed') {
      const entry = this.entries.get(signal.room);
      this.drop(signal.room);
      if (entry) this.emit('removed', entry.room);
    }
    if (signal.type === 'read.marked') this.marked(signal);
  }

  /** How far one has read, as the server says. */
  marked({ room, offset, unread, mentions }) {
    const entry = this.entries.get(room);
    if (!entry) return;
    Object.assign(entry, { read: offset, unread, mentions });
    this.emit('change', room);
  }

  add(room, fresh = false) {
    if (!this.entries.has(room.id) && (fresh || room.kind !== 'direct')) {
      const entry = { room, read: room.offset, unread: 0, mentions: 0, active_at: new Date().toISOString(), fresh };
      this.entries.set(room.id, entry);
      room.people?.forEach((user) => app.people.meet(user));
    }
    this.hear(room.id, room.offset);
    this.emit('change', room.id);
    if (!fresh) this.refresh();
  }

  drop(id) {
    if (!this.entries.delete(id)) return;
    this.heard.delete(id);
    app.client.room(id).unsubscribe();
    this.emit('change', id);
    this.emit('gone', id);
  }
}
