// Who is known here, and whether they are there.

import { Source } from '../dom.js';
import { app } from '../ctx.js';

export class People extends Source {
  /** @type {Map<string, {id: string, username: string, display_name: string}>} */
  known = new Map();
  /** @type {Map<string, {availability: string, status?: string}>} */
  presence = new Map();
  met = new Map();
  /** Whom the user has blocked. */
  blocked = new Set();

  constructor() {
    super();
    this.asked = new Set();
  }

  /** Remembers somebody as they were called at a time: messages and members say the name of when they came. */
  meet(user, at = '') {
    if (!user?.display_name || at < this.met.get(user.id)) return;
    this.met.set(user.id, at);
    this.known.set(user.id, user);
  }

  name(user) {
    return this.known.get(user.id)?.display_name ?? user.display_name ?? user.username;
  }

  /** Whether somebody is there, as far as this page knows. */
  see(id, availability, status) {
    const before = this.presence.get(id);
    if (before && before.availability === availability && before.status === status) return;
    this.presence.set(id, { availability, status });
    this.emit('change', id);
  }

  /** Asks whether somebody is there, once. */
  async ask(id, anew = false) {
    if (this.asked.has(id) && !anew) return;
    this.asked.add(id);
    try {
      const now = await app.client.call('user.presence', { user: id });
      this.meet(now.user, new Date().toISOString());
      this.see(id, now.availability, now.status);
    } catch {
      this.asked.delete(id);
    }
  }

  forget() {
    const asked = [...this.asked];
    this.asked.clear();
    for (const id of asked.slice(0, 50)) this.ask(id);
  }

  /** The people of one's rooms whose names begin with this, and those whom the server finds by their usernames. */
  async find(text) {
    const wanted = fold(text);
    const near = [...this.known.values()].filter((user) => user.id !== app.me.id && matches(user, wanted));
    if (text) {
      // Without an answer, those who are known.
      const { items } = await app.client.request('GET', '/users', undefined, { query: { q: text } }).catch(() => ({ items: [] }));
      near.push(...items.filter((user) => user.id !== app.me.id && !near.some(({ id }) => id === user.id)));
    }
    return near.sort((a, b) => a.display_name.localeCompare(b.display_name)).slice(0, 40);
  }

  /** Gets to know who is in the rooms of the inbox. */
  async gather(rooms) {
    if (this.gathered) return;
    this.gathered = true;
    for (const room of rooms.slice(0, 20)) {
      try {
        for (const { user, joined_at } of (await app.client.call('member.list', { room, limit: 200 })).items) this.meet(user, joined_at);
      } catch { /* Not this one, then. */ }
    }
  }

  async loadBlocks() {
    try {
      const { items } = await app.client.call('block.list', { limit: 200 });
      this.blocked = new Set(items.map(({ user }) => user.id));
    } catch { /* Shown as not blocked. */ }
  }

  async block(user, on) {
    await app.client.call(on ? 'block.add' : 'block.remove', { user });
    if (on) this.blocked.add(user); else this.blocked.delete(user);
    this.emit('change', user);
  }
}

/** What tells somebody from others who display the same name. */
export const inFull = ({ display_name: name, username }) => (!name || name === username ? username : `${name} (@${username})`);

/** Without case and accents. */
export const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether somebody's name, or one of its words, begins so. */
export function matches(user, wanted) {
  return fold(user.username).startsWith(wanted) || fold(user.display_name).startsWith(wanted)
    || fold(user.display_name).split(/\s+/).some((word) => word.startsWith(wanted));
}

/** Whether a message calls this user. */
export const calls = (message, id) => Boolean(message.mentions
  && (message.mentions.room || message.mentions.here || message.mentions.users?.some((user) => user.id === id)));
