// What was written and is not yet acknowledged: kept in the browser's storage, sent in order, once.
//
// Each item is sent under its `client_id`, and a repetition under the same one is answered with the first one's
// message: so whatever becomes of an answer, of the page or of the connection, sending again is safe. Each item has a
// key of its own in the storage, so that several tabs can add and remove without undoing what another does.

/**
 * @typedef {object} Item
 * @property {string} client_id
 * @property {string} room
 * @property {object} draft the fields of `message.send`: `text`, `reply_to`, `attachments`, …
 * @property {number} at when it was written, in milliseconds since 1970; no two are of the same time
 * @property {'waiting' | 'sending' | 'failed'} state
 * @property {{code: string, message: string, status: number}} [error] why it failed for good
 */

// The longest that a room waits because the server says so, in seconds.
const LONGEST = 60;

/**
 * Events: `change` (detail: the room), and `sent` (detail: `{client_id, room, message}`) in the tab that sent it. The
 * room's event carries the `client_id` too, in all tabs.
 */
export class Outbox extends EventTarget {
  #client;
  #storage;
  #delays;
  // What the storage did not take.
  #unsaved = new Map();
  // The client_ids of what is on its way from this tab.
  #sending = new Set();
  // The rooms that are being sent to, each with what ends its pause.
  #busy = new Map();
  #last = 0;

  /**
   * @param {import('./client.js').Client} client
   * @param {{storage?: Storage, delays?: {min: number, max: number}}} [options] delays of attempts, in milliseconds
   */
  constructor(client, { storage = browserStorage(), delays = { min: 1000, max: 30_000 } } = {}) {
    super();
    this.#client = client;
    this.#storage = storage;
    this.#delays = delays;
    client.addEventListener('state', () => client.state === 'online' && this.flush());
    globalThis.addEventListener?.('storage', ({ key, newValue, oldValue }) => {
      const item = key?.startsWith(this.#prefix) && parse(newValue ?? oldValue);
      if (item) this.#changed(item.room);
    });
    this.flush();
  }

  /** Puts a message behind those that wait. @returns {Item} */
  add(room, draft) {
    if (!this.#client.user) throw new Error('nobody is logged in');
    const item = { client_id: randomId(), room, draft, at: this.#now() };
    this.#save(item);
    this.#changed(room);
    return this.#seen(item);
  }

  /** What is not acknowledged yet, of a room or of all, in order. @returns {Item[]} */
  items(room) {
    return this.#all().filter((item) => room === undefined || item.room === room).map((item) => this.#seen(item));
  }

  /** Sends what had failed for good once more, behind what waits. */
  retry(client_id) {
    const item = this.#find(client_id);
    if (!item?.error) return;
    const { error, ...again } = item;
    this.#save({ ...again, at: this.#now() });
    this.#changed(item.room);
  }

  /** Forgets an item. One that is on its way may arrive all the same. */
  drop(client_id) {
    const item = this.#find(client_id);
    if (!item) return;
    this.#remove(client_id);
    this.#busy.get(item.room)?.go();
    this.#changed(item.room);
  }

  /** Tries at once what waits for a connection. */
  flush() {
    for (const pause of this.#busy.values()) if (!pause?.told) pause?.go();
    for (const { room } of this.#all()) this.#start(room);
  }

  // ---- Sending

  #changed(room) {
    this.dispatchEvent(new CustomEvent('change', { detail: room }));
    this.#start(room);
  }

  // One item of a room at a time, until none waits.
  async #start(room) {
    const { user } = this.#client;
    if (!user || this.#busy.has(room)) return;
    this.#busy.set(room, null);
    try {
      for (let failures = 0; this.#isOf(user) && this.#next(room);) {
        const turn = () => this.#sendNext(room);
        const error = await this.#client.locks.request(`chat.sending.${user.id}.${room}`, turn);
        failures = error ? failures + 1 : 0;
        if (error) await this.#pause(room, error, failures);
      }
    } finally {
      this.#busy.delete(room);
      if (!this.#isOf(user)) this.#start(room);
    }
  }

  #isOf(user) {
    return this.#client.user?.id === user.id;
  }

  #next(room) {
    return this.#all().find((item) => item.room === room && !item.error);
  }

  // Returns why it is to be tried again. It looks for the item only in its turn: another tab may have sent the first.
  async #sendNext(room) {
    const item = this.#next(room);
    if (!item) return null;
    const { client_id, draft } = item;
    this.#mark(item, true);
    try {
      const path = `/rooms/${encodeURIComponent(room)}/messages`;
      const message = await this.#client.request('POST', path, { ...draft, client_id });
      this.#remove(client_id);
      this.dispatchEvent(new CustomEvent('sent', { detail: { client_id, room, message } }));
      return null;
    } catch (error) {
      if (error.temporary || error.status === 401) return error;
      const { code, message, status } = error;
      if (this.#find(client_id)) this.#save({ ...item, error: { code, message, status } });
      return null;
    } finally {
      this.#mark(item, false);
    }
  }

  #mark({ client_id, room }, sending) {
    if (sending) this.#sending.add(client_id);
    else this.#sending.delete(client_id);
    this.dispatchEvent(new CustomEvent('change', { detail: room }));
  }

  // As long as the server says, within reason, since what it says may change; or else longer each time, and not longer
  // than until there is a connection again.
  #pause(room, { retryAfter }, failures) {
    const { min, max } = this.#delays;
    const jitter = min / 5 + Math.random() * Math.min(max, min * 2 ** Math.min(failures, 20));
    return new Promise((done) => {
      const go = () => { clearTimeout(timer); this.#busy.set(room, null); done(); };
      const timer = setTimeout(go, retryAfter ? Math.min(retryAfter, LONGEST) * 1000 : jitter);
      this.#busy.set(room, { go, told: Boolean(retryAfter) });
    });
  }

  // ---- Keeping

  get #prefix() {
    return `chat.outbox.${this.#client.user?.id}.`;
  }

  #seen(item) {
    return { ...item, state: item.error ? 'failed' : this.#sending.has(item.client_id) ? 'sending' : 'waiting' };
  }

  // Later than anything written before, whatever the clock says.
  #now() {
    this.#last = Math.max(Date.now(), this.#last + 1, ...this.#all().map(({ at }) => at + 1));
    return this.#last;
  }

  #all() {
    const prefix = this.#prefix;
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index));
    const saved = keys.filter((key) => key?.startsWith(prefix)).map((key) => parse(this.#storage.getItem(key)));
    const unsaved = [...this.#unsaved].filter(([key]) => key.startsWith(prefix)).map(([, item]) => item);
    return [...saved, ...unsaved].filter(Boolean).sort((a, b) => a.at - b.at || (a.client_id < b.client_id ? -1 : 1));
  }

  #find(client_id) {
    const key = this.#prefix + client_id;
    return this.#unsaved.get(key) ?? parse(this.#storage.getItem(key));
  }

  #save(item) {
    const key = this.#prefix + item.client_id;
    try {
      this.#storage.setItem(key, JSON.stringify(item));
      this.#unsaved.delete(key);
    } catch {
      // The storage is full: it is kept as long as the page is.
      this.#unsaved.set(key, item);
    }
  }

  #remove(client_id) {
    const key = this.#prefix + client_id;
    this.#unsaved.delete(key);
    this.#storage.removeItem(key);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// crypto.randomUUID is not there on pages that came over plain HTTP.
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// A storage that keeps nothing, where the browser allows none: then all is in memory.
function browserStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    const setItem = () => { throw new Error('no storage'); };
    return { length: 0, key: () => null, getItem: () => null, removeItem() {}, setItem };
  }
}
