// One room: what is known of its messages, members, and who does what there. Events go in, views are told what changed.

import { app } from '../ctx.js';
import { History, isPlace } from './history.js';
import { Told } from './told.js';

const RANKS = { reader: 0, member: 1, moderator: 2, owner: 3 };

export class RoomStore extends History {
  /** The room; none until it is known. @type {any} */
  room = null;
  /** 'new' | 'loading' | 'ready' | 'failed' */
  status = 'new';
  error = null;
  /** Offsets of the pins; none until they were asked for. */
  pins = null;
  /** @type {Map<string, {user: any, timer: number}>} */
  typing = new Map();
  /** Up to where others have read. @type {Map<string, {user: any, offset: number}>} */
  reads = new Map();
  /** @type {any[]|null} */
  members = null;
  /** Who has the room open. */
  present = new Set();
  #told = new Told();
  /** What the room was before its last change. */
  #before = null;

  constructor(id) {
    super(id);
    this.room = app.inbox.get(id)?.room ?? null;
    this.stop = new AbortController();
    this.live = app.client.room(id);
    const { signal } = this.stop;
    this.live.addEventListener('event', ({ detail }) => this.event(detail), { signal });
    this.live.addEventListener('signal', ({ detail }) => this.signal(detail), { signal });
    this.live.addEventListener('reset', () => this.reload(), { signal });
    this.live.addEventListener('live', () => this.loadPresence(), { signal });
    this.live.addEventListener('ended', ({ detail }) => { this.status = 'failed'; this.error = detail; this.emit('status'); }, { signal });
  }

  close() {
    this.stop.abort();
    for (const { timer } of this.typing.values()) clearTimeout(timer);
    if (!app.inbox.heard.has(this.id)) this.live.unsubscribe();
  }

  /** What happened besides messages, in order. */
  get told() { return this.#told.list; }
  get role() { return this.room?.role; }
  get direct() { return this.room?.kind === 'direct'; }
  /** Whether the user's role is at least this one. */
  may(role) { return Boolean(this.role) && RANKS[this.role] >= RANKS[role]; }
  get canWrite() { return this.may('member') && (!this.room.read_only || this.may('moderator')); }
  get canPin() { return this.direct || this.may('moderator'); }

  /**
   * Shows the messages around a place: a message, or where the user has read up to, or the end.
   * @param {number} [at]
   */
  async open(at) {
    const there = at ? this.range.includes(at) : this.atEnd && this.range.length > 0;
    if (this.status === 'ready' && there) return;
    if (this.status !== 'ready') this.status = 'loading';
    this.emit('status');
    try {
      const room = await app.client.call('room.get', { room: this.id });
      this.room = room;
      this.#before = { ...room };
      // From there on, and read after that: nothing is between the history and what is live.
      this.live.subscribe({ offset: room.offset });
      await this.around(at);
      room.people?.forEach((user) => app.people.meet(user));
      this.status = 'ready';
      this.error = null;
      this.emit('status');
      this.emit('room');
      this.loadPins();
      this.loadTold();
      this.loadPresence();
      if (room.member_count <= 200 && !this.members) this.loadMembers();
    } catch (error) {
      if (this.status !== 'ready') this.status = 'failed';
      this.error = error;
      this.emit('status');
    }
  }

  /** Hides what a message says when its time has come; the event comes a moment later. */
  expire(message) {
    if (!message.expires_at || message.deleted_at) return;
    const left = new Date(message.expires_at) - Date.now();
    if (left > 86_400_000) return;
    setTimeout(() => {
      if (this.known.get(message.offset)?.deleted_at) return;
      this.change(message.offset, { text: '', attachments: [], quote: undefined, deleted_at: message.expires_at });
      this.emit('messages');
    }, Math.max(0, left));
  }

  event(event) {
    if (this.fetching) this.meanwhile.push(event);
    if (event.type === 'message.created') {
      this.stopTyping(event.actor.id);
      this.tail.push(event.offset);
      // Far more than the history that is fetched while it grows.
      if (this.tail.length > 2000) this.tail.splice(0, 1000);
    }
    this.apply(event);
    this.emit('messages');
    this.emit('event', event);
  }

  apply(event) {
    const { type, target } = event;
    if (!this.direct) this.#told.take(event, this.#before);
    if (type === 'room.changed') this.#before = event.room;
    if (type.startsWith('message.') && event.message) {
      this.learn(event.message);
      if (type === 'message.created' && this.atEnd) this.insert(event.offset);
      if (type === 'message.deleted' && this.pins?.delete(event.message.offset)) this.emit('pins');
    } else if (type.startsWith('reaction.')) {
      this.react(target, event.reaction, event.count, event.actor.id === app.me.id ? type === 'reaction.added' : null);
    } else if (type === 'message.pinned' || type === 'message.unpinned') {
      if (this.pins) { if (type === 'message.pinned') this.pins.add(target); else this.pins.delete(target); }
      this.change(target, {});
      this.emit('pins');
    } else if (type === 'room.changed') {
      this.room = { ...this.room, read_only: false, slow_seconds: 0, expire_seconds: 0, retention_seconds: 0, filter: undefined, ...event.room };
      this.emit('room');
    } else if (type.startsWith('member.')) {
      this.memberEvent(event);
    } else if (type === 'room.deleted') {
      this.status = 'failed';
      this.error = { code: 'room_deleted' };
      this.emit('status');
    }
  }

  react(offset, reaction, count, mine) {
    const message = this.known.get(offset);
    if (!message || isPlace(message)) return;
    const all = (message.reactions ?? []).map((one) => ({ ...one }));
    const place = all.findIndex((one) => one.reaction === reaction);
    if (count === 0) { if (place >= 0) all.splice(place, 1); }
    else if (place < 0) all.push({ reaction, count, mine: Boolean(mine) });
    else Object.assign(all[place], { count }, mine != null && { mine });
    this.change(offset, { reactions: all });
  }

  memberEvent({ type, member, offset }) {
    if (!member || !this.room) { this.emit('members'); return; }
    const { user } = member;
    app.people.meet(user, member.joined_at);
    if (user.id === app.me.id) {
      const role = type === 'member.left' ? undefined : member.role;
      this.room = { ...this.room, role };
    }
    if (this.members) {
      const others = this.members.filter((one) => one.user.id !== user.id);
      this.members = type === 'member.left' ? others : [...others, member];
    }
    const step = { 'member.joined': 1, 'member.left': -1 }[type];
    if (step && offset > this.room.offset) this.room = { ...this.room, offset, member_count: this.room.member_count + step };
    this.emit('members');
    this.emit('room');
  }

  signal(signal) {
    const { type, user } = signal;
    if (type === 'typing.started') {
      this.stopTyping(user.id);
      if (user.id === app.me.id) return;
      const timer = setTimeout(() => { this.stopTyping(user.id); }, signal.seconds * 1000);
      this.typing.set(user.id, { user, timer });
      this.emit('typing');
    } else if (type === 'typing.stopped') this.stopTyping(user.id);
    else if (type === 'read.moved') {
      if (user.id === app.me.id) return;
      this.reads.set(user.id, { user, offset: signal.offset });
      this.emit('reads');
    } else if (type === 'presence.changed') app.people.see(user.id, signal.availability, signal.status);
    else if (type === 'presence.joined' || type === 'presence.left') {
      const id = String(user?.id ?? user);
      if (type === 'presence.joined') {
        this.present.add(id);
        app.people.see(id, 'online', app.people.presence.get(id)?.status);
      } else {
        // They may be there with another device, which nobody says.
        this.present.delete(id);
        app.people.ask(id, true);
      }
      this.emit('present');
    }
  }

  stopTyping(id) {
    const one = this.typing.get(id);
    if (!one) return;
    clearTimeout(one.timer);
    this.typing.delete(id);
    this.emit('typing');
  }

  async loadPins() {
    try {
      const { items } = await app.client.call('pin.list', { room: this.id, limit: 100 });
      this.pins = new Set(items.map(({ message }) => message.offset));
      for (const offset of this.pins) this.change(offset, {});
      this.emit('pins');
      this.emit('messages');
    } catch { /* The pane asks again. */ }
  }

  async loadTold() {
    if (this.direct) return;
    await this.#told.load(this).catch(() => {});
    this.emit('told');
  }

  async loadPresence() {
    try {
      const { items } = await app.client.call('presence.get', { room: this.id, limit: 200 });
      this.present = new Set(items.map(({ user }) => user.id));
      for (const { user, availability, status } of items) {
        app.people.meet(user, new Date().toISOString());
        app.people.see(user.id, availability, status);
      }
      this.emit('present');
    } catch { /* Nobody is shown as being there. */ }
  }

  async loadMembers() {
    if (this.membersRun) return this.membersRun;
    this.membersRun = (async () => {
      const all = [];
      let cursor;
      do {
        const page = await app.client.call('member.list', { room: this.id, limit: 200, ...(cursor && { cursor }) });
        all.push(...page.items);
        cursor = page.next;
      } while (cursor && all.length < 1000);
      for (const { user, joined_at } of all) app.people.meet(user, joined_at);
      this.members = all;
      this.emit('members');
    })().finally(() => { this.membersRun = null; });
    return this.membersRun;
  }

  /** Who has read the user's last message. */
  async loadReads(offset) {
    if (this.readsOf === offset || !this.room || this.room.member_count > 50) return;
    this.readsOf = offset;
    try {
      const { items } = await app.client.call('reader.list', { room: this.id, offset, limit: 50 });
      for (const user of items) {
        if ((this.reads.get(user.id)?.offset ?? 0) < offset) this.reads.set(user.id, { user, offset });
      }
      this.emit('reads');
    } catch { this.readsOf = 0; }
  }

  /** The position was lost: everything is asked for anew. */
  async reload() {
    this.tail = [];
    this.pins = null;
    this.members = null;
    try {
      await this.newest();
      this.room = await app.client.call('room.get', { room: this.id });
      this.emit('room');
      this.loadPins();
      this.loadTold();
    } catch { this.atEnd = false; }
    this.emit('reset');
  }
}
