// A client of the chat: HTTP for requests, one WebSocket for what is live.
//
// The socket speaks the open client protocol of Centrifuge in JSON, so a ready SDK does the same; this file does it
// without a dependency, keeps the log-in for all tabs, and can be copied as it is.
//
//   const client = new Client();
//   await client.logIn('ann', 'correct horse');
//   const room = client.room('tea');
//   room.addEventListener('event', ({ detail }) => console.log(detail.offset, detail.type));
//   room.subscribe({ offset: 0 });            // from the beginning; without an offset, from now on
//   client.connect();
//   await client.call('message.send', { room: 'tea', text: 'Is it ready?', client_id: '1' });
//
// What a room's events say comes exactly once and in order, whatever becomes of the connection. Signals (who writes,
// who reads, who is there, news on the own channel) may be lost while there is none: read the inbox again when
// `state` becomes `online`.

/** What went wrong, in the API's stable word. */
export class ChatError extends Error {
  /**
   * @param {string} code the word to switch on, such as `room_not_found`; `offline` where no answer came
   * @param {string} message one sentence for people; it may change
   * @param {{status?: number, errors?: {field: string, code: string, detail: string}[], retryAfter?: number}} more
   */
  constructor(code, message, { status = 0, errors = [], retryAfter } = {}) {
    super(message);
    this.name = 'ChatError';
    this.code = code;
    /** The HTTP status, or what it would have been; 0 without an answer. */
    this.status = status;
    /** What is wrong with which field. */
    this.errors = errors;
    /** The first of those fields. */
    this.field = errors[0]?.field;
    /** After how many seconds it makes sense to try again, where the server says so. */
    this.retryAfter = retryAfter;
  }

  /** Whether the same may work later, unchanged. */
  get temporary() {
    return this.code === 'offline' || this.status >= 500 || this.status === 429 || this.status === 408;
  }
}

const offline = (message) => new ChatError('offline', message);
const signedOut = () => new ChatError('unauthorized', 'nobody is logged in', { status: 401 });

// A connection that lasted so long was a good one: the next attempt need not wait for longer than the first.
const GOOD = 5_000;

/**
 * @typedef {{id: string, username: string, display_name: string}} User
 * @typedef {{user: User, access_token: string, refresh_token: string, renew_at: number, expires_at: number}} Pair
 *
 * Where a log-in is kept. `load` answers at once and may be a moment late; `latest` is what is so in truth.
 * @typedef {object} Tokens
 * @property {() => Pair | null} load
 * @property {() => Promise<Pair | null>} [latest]
 * @property {(pair: Pair | null) => Promise<void> | void} save
 * @property {(changed: () => void) => void} [watch] calls back when another tab has saved
 */

/** A user's connection to a server, and their log-in. */
export class Client extends EventTarget {
  #base;
  #tokens;
  #fetch;
  #WebSocket;
  #timeout;
  #delays;
  #renewing = null;
  /** The account whose log-in is still to come. */
  #made = null;
  #rooms = new Map();
  #wanted = false;
  #link = null;
  // Changes with every attempt and every end of one: what was begun before knows that it is late.
  #turn = 0;
  #attempts = 0;
  #timers = { retry: 0, renew: 0 };
  #listening = null;
  // What rooms see of the client.
  #wire = {
    me: () => this.user?.id,
    link: () => (this.state === 'online' ? this.#link : null),
    pause: (failures) => this.#pause(failures),
  };

  /**
   * @param {object} options
   * @param {string} [options.base] the server's address; the page's own where it is empty
   * @param {Tokens} [options.tokens] where the log-in is kept; all tabs share it
   * @param {number} [options.timeout] how long an answer or a due ping may take, in milliseconds
   * @param {{min: number, max: number}} [options.delays] between attempts to connect, in milliseconds
   */
  constructor({ base = '', tokens = browserTokens(), fetch = globalThis.fetch, WebSocket = globalThis.WebSocket,
    locks = tabLocks(), timeout = 10_000, delays = { min: 500, max: 20_000 } } = {}) {
    super();
    this.#base = (base || globalThis.location.origin).replace(/\/$/, '');
    this.#tokens = tokens;
    this.#fetch = (...args) => fetch(...args);
    this.#WebSocket = WebSocket;
    this.#timeout = timeout;
    this.#delays = delays;
    /** Takes turns among all tabs, as `navigator.locks` does. */
    this.locks = locks;
    /** Who is logged in. @type {User | null} */
    this.user = tokens.load()?.user ?? null;
    /** @type {'offline' | 'connecting' | 'online'} */
    this.state = 'offline';
    /** When the next attempt to connect is due, in milliseconds since 1970, if one is. @type {number | null} */
    this.retryAt = null;
    // Another tab has logged out, or somebody else in.
    tokens.watch?.(() => {
      if (this.user && tokens.load()?.user.id !== this.user.id) this.#end(signedOut());
    });
  }

  // ---- Accounts

  /** Makes an account and logs in. */
  async signUp({ username, email, password, display_name }) {
    const made = `${username}\n${email}\n${password}`;
    // What was made before its log-in failed is not made again.
    if (this.#made !== made) await this.#http('POST', '/users', { body: { username, email, password } });
    this.#made = made;
    for (;;) {
      try {
        await this.logIn(email, password);
        break;
      } catch (error) {
        // A longer wait is for whoever asks again to judge.
        if (error.status !== 429 || !(error.retryAfter <= 120)) throw error;
        await new Promise((go) => { setTimeout(go, error.retryAfter * 1000); });
      }
    }
    this.#made = null;
    if (display_name && display_name !== this.user.display_name) await this.changeProfile({ display_name });
    return this.user;
  }

  /** Logs in, by email or by username. @returns {Promise<User>} */
  async logIn(login, password) {
    const body = { [login.includes('@') ? 'email' : 'username']: login, password };
    const answer = await this.#http('POST', '/sessions', { body });
    if (this.user) this.#leave();
    this.user = (await this.#keep(answer)).user;
    return this.user;
  }

  /** Ends the log-in; where no server answers, here alone. */
  async logOut() {
    let pair = this.#tokens.load();
    this.#leave();
    try {
      const { refresh_token, expires_at } = pair;
      if (expires_at < Date.now()) pair = await this.#http('POST', '/sessions/refresh', { body: { refresh_token } });
      await this.#http('DELETE', '/sessions/current', { token: pair.access_token });
    } catch {
      // Nobody has its tokens any more.
    }
  }

  /** Changes the own profile. */
  async changeProfile(changes) {
    const { id, username, display_name } = await this.request('PATCH', '/users/me', changes);
    this.user = { id, username, display_name };
    await this.#inTurn(async () => this.#tokens.save({ ...await this.#latest(), user: this.user }));
    return this.user;
  }

  // ---- HTTP

  /**
   * A call of the HTTP API: JSON in, JSON out.
   * @param {string} method
   * @param {string} path below `/api/v1`
   * @param {object} [body]
   * @param {{query?: object, signal?: AbortSignal}} [options]
   * @throws {ChatError}
   */
  async request(method, path, body, { query, signal } = {}) {
    const pair = await this.#fresh();
    const ask = ({ access_token: token }) => this.#http(method, path, { body, query, signal, token });
    try {
      return await ask(pair);
    } catch (error) {
      if (error.code !== 'token_expired' && error.code !== 'token_invalid') throw error;
      // What was refused was not done: it may be asked once more.
      return await ask(await this.#renew(pair));
    }
  }

  /** An access token that is good for a while, for requests that are not JSON. @returns {Promise<string>} */
  async token() {
    return (await this.#fresh()).access_token;
  }

  async #http(method, path, { body, query, token, signal }) {
    const url = new URL(`${this.#base}/api/v1${path}`);
    for (const [name, value] of Object.entries(query ?? {})) if (value != null) url.searchParams.set(name, value);
    const headers = { accept: 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const patience = AbortSignal.timeout(2 * this.#timeout);
    try {
      const answer = await this.#fetch(url, {
        method, headers, body: body && JSON.stringify(body), cache: 'no-store',
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      return read(answer, await answer.text());
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw error instanceof ChatError ? error : offline('no answer from the server');
    }
  }

  // ---- Tokens

  #pair() {
    return this.#own(this.#tokens.load());
  }

  async #latest() {
    return this.#own(await (this.#tokens.latest?.() ?? this.#tokens.load()));
  }

  #own(pair) {
    if (pair && pair.user.id === this.user?.id) return pair;
    throw this.#end(signedOut());
  }

  async #keep({ user, access_token, refresh_token, expires_in }) {
    const [now, life] = [Date.now(), expires_in * 1000];
    const pair = { user, access_token, refresh_token, renew_at: now + life * 2 / 3, expires_at: now + life };
    await this.#tokens.save(pair);
    return pair;
  }

  #inTurn(task) {
    return this.locks.request('chat.session', task);
  }

  // Tokens that are good for a while.
  async #fresh() {
    const pair = this.#pair();
    if (Date.now() < pair.renew_at) return pair;
    try {
      return await this.#renew(pair);
    } catch (error) {
      if (error.temporary && Date.now() < pair.expires_at) return pair;
      throw error;
    }
  }

  // Others than these, which were refused or end soon.
  async #renew(spent) {
    const turn = () => this.#inTurn(() => this.#renewInTurn(spent));
    const pair = await (this.#renewing ??= turn().finally(() => { this.#renewing = null; }));
    if (pair.user.id !== spent.user.id || pair.user.id !== this.user?.id) throw signedOut();
    this.user = pair.user;
    return pair;
  }

  // A used refresh token may be used again only as long as the one that came with it was not; later it ends the log-in.
  // So tabs take turns, and each looks first whether another has been here.
  async #renewInTurn({ refresh_token }) {
    const isSpent = (pair) => pair.refresh_token !== refresh_token;
    const before = await this.#latest();
    if (isSpent(before)) return before;
    try {
      const answer = await this.#http('POST', '/sessions/refresh', { body: { refresh_token } });
      // Who has logged out meanwhile stays so.
      const now = await this.#latest();
      return isSpent(now) ? now : await this.#keep(answer);
    } catch (error) {
      if (error.status !== 401 && error.status !== 403) throw error;
      const now = await this.#latest();
      if (isSpent(now)) return now;
      throw this.#end(error);
    }
  }

  // The log-in is over.
  #end(error) {
    if (!this.user) return error;
    this.#leave();
    this.#emit('ended', error);
    return error;
  }

  #leave() {
    this.close();
    for (const room of this.#rooms.values()) room.unsubscribe();
    this.#rooms.clear();
    if (this.#tokens.load()?.user.id === this.user?.id) this.#tokens.save(null);
    this.user = null;
  }

  // ---- The socket

  /** Connects, and stays connected until `close` or the end of the log-in. */
  connect() {
    if (!this.user) throw signedOut();
    this.#wanted = true;
    this.#listen();
    if (this.state === 'offline') this.#open();
  }

  /** Ends the connection. Rooms stay subscribed and come back with the next one. */
  close() {
    this.#wanted = false;
    this.#listening?.abort();
    this.#listening = null;
    if (this.#link) this.#link.drop();
    else this.#down();
  }

  /** Looks at once whether the connection is alive: the machine has slept, the network has changed. */
  wake() {
    if (!this.#wanted) return;
    this.#attempts = 0;
    if (this.state === 'online') this.#link.probe();
    else if (this.state === 'offline') this.#open();
  }

  /**
   * Calls a method of the API over the socket; the methods stand in crates/chat-json/README.md.
   * @throws {ChatError} `offline` where no answer came: nobody knows then whether it was done
   */
  async call(method, params = {}) {
    const link = await this.#online();
    return new Promise((resolve, reject) => {
      link.send({ rpc: { method, data: params } }, (error, result) => (error ? reject(error) : resolve(result.data)));
    });
  }

  /** The room of this id, always the same object. @returns {Room} */
  room(id) {
    if (!this.#rooms.has(id)) this.#rooms.set(id, new Room(id, this.#wire));
    return this.#rooms.get(id);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #become(state, retryAt = null) {
    if (this.state === state && this.retryAt === retryAt) return;
    this.state = state;
    this.retryAt = retryAt;
    this.#emit('state', state);
  }

  // Full jitter: all who were cut off together do not come back together.
  #pause(attempt) {
    const { min, max } = this.#delays;
    return min / 5 + Math.random() * Math.min(max, min * 2 ** Math.min(attempt, 20));
  }

  async #open() {
    const turn = ++this.#turn;
    clearTimeout(this.#timers.retry);
    this.#become('connecting');
    try {
      const pair = await this.#fresh();
      if (turn === this.#turn) this.#dial(pair);
    } catch {
      if (turn === this.#turn) this.#later();
    }
  }

  #dial(pair) {
    const socket = new this.#WebSocket(`${this.#base.replace(/^http/, 'ws')}/connection/websocket`);
    const link = new Link(socket, {
      timeout: this.#timeout,
      pushed: (push) => this.#pushed(push),
      closed: (code) => this.#lost(link, code, pair),
    });
    this.#link = link;
    link.send({ connect: { token: pair.access_token, name: 'web' } }, (error, result) => {
      if (!error) this.#welcome(link, result, pair);
      // 109: the token has ended; as if it had been refused.
      else link.drop(error.temporary ? 1006 : error.number === 109 ? 3500 : 3501);
    });
  }

  #welcome(link, { ping, pong, expires }, pair) {
    link.expect(ping, pong);
    link.since = Date.now();
    if (expires) this.#renewLater(link, pair, 0);
    this.#become('online');
    for (const room of this.#rooms.values()) room[JOIN]();
  }

  // Tells the server a new token before the old one ends, so that the connection stays.
  #renewLater(link, pair, failures) {
    const wait = Math.max(pair.renew_at - Date.now(), failures && this.#pause(failures));
    this.#timers.renew = setTimeout(async () => {
      const next = await this.#fresh().catch(() => pair);
      if (link !== this.#link) return;
      if (next.refresh_token === pair.refresh_token) return this.#renewLater(link, pair, failures + 1);
      link.send({ refresh: { token: next.access_token } }, (error) => {
        if (error) link.drop();
        else this.#renewLater(link, next, 0);
      });
    }, wait);
  }

  #pushed({ channel = '', ...push }) {
    if (channel.startsWith('room:')) this.#rooms.get(channel.slice(5))?.[PUSH](push);
    else if (channel.startsWith('user:') && push.pub) this.#emit('personal', push.pub.data);
  }

  async #lost(link, code, pair) {
    if (link !== this.#link) return;
    if (Date.now() - link.since > GOOD) this.#attempts = 0;
    const turn = this.#down();
    // The token is refused, or its log-in ended: a renewal tells which.
    if (DOUBTS.includes(code)) await this.#renew(pair).catch(() => {});
    if (turn !== this.#turn || !this.#wanted) return;
    if (isFinal(code)) this.close();
    else this.#later();
  }

  // There is no connection any more.
  #down() {
    this.#link = null;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    for (const room of this.#rooms.values()) room[DOWN]();
    this.#turn += 1;
    this.#become(this.#wanted ? 'connecting' : 'offline');
    return this.#turn;
  }

  #later() {
    const wait = this.#pause(this.#attempts++);
    this.#become('offline', Date.now() + wait);
    this.#timers.retry = setTimeout(() => this.#open(), wait);
  }

  #online() {
    if (this.state === 'online') return this.#link;
    if (!this.#wanted) throw offline('not connected');
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (this.state !== 'online' && this.#wanted) return;
        done();
        if (this.state === 'online') resolve(this.#link);
        else reject(offline('not connected'));
      };
      const timer = setTimeout(() => { done(); reject(offline('not connected')); }, this.#timeout);
      const done = () => { clearTimeout(timer); this.removeEventListener('state', settle); };
      this.addEventListener('state', settle);
    });
  }

  #listen() {
    if (this.#listening) return;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const wake = () => globalThis.document?.visibilityState !== 'hidden' && this.wake();
    for (const type of ['online', 'offline', 'pageshow']) globalThis.addEventListener?.(type, wake, { signal });
    globalThis.document?.addEventListener('visibilitychange', wake, { signal });
  }
}

// What only the client calls of a room.
const JOIN = Symbol('join');
const DOWN = Symbol('down');
const PUSH = Symbol('push');

/** A room's events, from a position on. */
export class Room extends EventTarget {
  #wire;
  #wanted = false;
  #join_leave = true;
  // Changes with every subscription and every end of one: the answer to an older one is late.
  #turn = 0;
  #failures = 0;
  #timer = 0;
  #why = 'removed';

  constructor(id, wire) {
    super();
    this.id = id;
    this.#wire = wire;
    /** @type {'idle' | 'joining' | 'live'} */
    this.state = 'idle';
    /** The last event that was told; none before the first subscription. @type {number | null} */
    this.offset = null;
    /** Which log it is of. */
    this.epoch = '';
  }

  /**
   * Subscribes: to what follows `offset`, or from now on. The epoch may be left out.
   * @param {{offset?: number, epoch?: string, join_leave?: boolean}} [position]
   */
  subscribe({ offset, epoch = '', join_leave = true } = {}) {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#join_leave = join_leave;
    this.#why = 'removed';
    this.offset = offset ?? null;
    this.epoch = epoch;
    this[JOIN]();
  }

  /** Ends the subscription; the position stays readable. */
  unsubscribe() {
    if (!this.#wanted) return;
    this.#rest();
    this.#forget();
  }

  [JOIN]() {
    if (!this.#wanted) return;
    this[DOWN]();
    const turn = this.#turn;
    const recover = this.offset !== null;
    const position = recover ? { recover, offset: this.offset, epoch: this.epoch } : {};
    const subscribe = { channel: this.#channel, ...position, join_leave: this.#join_leave };
    const link = this.#wire.link();
    link?.send({ subscribe }, (error, result) => {
      if (turn !== this.#turn) return;
      if (error) this.#refused(error, link);
      else this.#joined(result, recover);
    });
  }

  [DOWN]() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    if (this.#wanted) this.state = 'joining';
  }

  [PUSH]({ pub, join, leave, unsubscribe }) {
    // What comes before the answer to the newest subscription is an older one's.
    if (this.state !== 'live') return;
    if (pub?.offset) this.#take(pub);
    else if (pub) this.#emit('signal', pub.data);
    else if (join) this.#emit('signal', presence('presence.joined', this.id, join));
    else if (leave) this.#emit('signal', presence('presence.left', this.id, leave));
    else if (unsubscribe) this.#putOut(unsubscribe.code);
  }

  get #channel() {
    return `room:${this.id}`;
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #joined({ recovered, publications = [], offset = 0, epoch = '' }, asked) {
    const turn = this.#turn;
    this.state = 'live';
    this.epoch = epoch;
    if (asked && recovered) publications.forEach((pub) => turn === this.#turn && this.#take(pub));
    else this.offset = offset;
    if (asked && !recovered) this.#emit('reset');
    if (turn === this.#turn) this.#emit('live');
  }

  // Each event once, and none without the one before it.
  #take({ data, offset }) {
    if (offset <= this.offset) return;
    if (offset > this.offset + 1) return this.#again();
    this.offset = offset;
    this.#failures = 0;
    this.#why = reasonOf(data, this.#wire.me()) ?? this.#why;
    this.#emit('event', data);
  }

  // Something is missing: once more from where we are; not at once where that did not help.
  #again() {
    this.#forget();
    this[DOWN]();
    this.#timer = setTimeout(() => this[JOIN](), this.#failures && this.#wire.pause(this.#failures));
    this.#failures += 1;
  }

  #forget() {
    const link = this.#wire.link();
    link?.send({ unsubscribe: { channel: this.#channel } }, (error) => error && link.drop());
  }

  #refused(error, link) {
    if (error.code === 'offline' || error.code === 'already_subscribed') return link.drop();
    if (!error.temporary) return this.#over(error);
    this.#failures += 1;
    this.#timer = setTimeout(() => this[JOIN](), this.#wire.pause(this.#failures));
  }

  // The server has ended the subscription.
  #putOut(code) {
    const over = () => new ChatError(this.#why, 'this room is not open to you any more', { status: 403 });
    if (code < 2500) return this.#over(over());
    // All that was known is void: what comes back is told as a reset.
    if (code === 2502) Object.assign(this, { offset: 0, epoch: '_' });
    this.#again();
  }

  #rest() {
    this.#wanted = false;
    this[DOWN]();
    this.state = 'idle';
  }

  #over(error) {
    this.#rest();
    this.#emit('ended', error);
  }
}

// Why a subscription of `me` ends behind this event; none where it does not.
function reasonOf(event, me) {
  if (event.type === 'room.deleted') return 'room_deleted';
  if (event.type === 'member.banned' && event.ban.user.id === me) return 'banned';
  if (event.type === 'member.left' && event.member.user.id === me) return event.actor.id === me ? 'left' : 'removed';
  return null;
}

const presence = (type, room, { info }) => ({ type, room, user: info.conn_info, client: info.client });

// One WebSocket, from its opening to its end. It calls back at once, in the order of what arrives.
class Link {
  #socket;
  #timeout;
  #on;
  #calls = new Map();
  #last = 0;
  #unsent = [];
  #heard = Date.now();
  // How long it may be silent.
  #patience = Infinity;
  #watch = 0;
  #pong = false;
  #over = false;

  constructor(socket, { timeout, ...on }) {
    this.#socket = socket;
    this.#timeout = timeout;
    this.#on = on;
    /** When it was welcomed. */
    this.since = Infinity;
    socket.onopen = () => this.#unsent.splice(0).forEach((line) => socket.send(line));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.drop(code);
    socket.onerror = () => {};
  }

  /** Sends a command; `done(error, result)` is called once. */
  send(command, done, patience = this.#timeout) {
    if (this.#over) return done(offline('the connection is closed'));
    const [name] = Object.keys(command);
    const id = ++this.#last;
    const sent = Date.now();
    const timer = setTimeout(() => {
      this.#calls.delete(id);
      done(offline('no answer from the server'));
      // Not a word since: it is not this command alone.
      if (this.#heard < sent) this.drop();
    }, patience);
    this.#calls.set(id, { name, done, timer });
    this.#write(JSON.stringify({ id, ...command }));
  }

  /** From now on something is heard at least this often, in seconds. */
  expect(ping, pong) {
    this.#pong = pong;
    if (!ping) return;
    this.#patience = ping * 1000 + this.#timeout;
    // By the clock, not by the timer alone: that one stands still while the machine sleeps.
    const look = () => {
      const left = this.#heard + this.#patience - Date.now();
      if (left <= 0) this.drop();
      else this.#watch = setTimeout(look, left);
    };
    look();
  }

  /** Asks for a word, and does not wait long for it. The protocol has no ping from this side; this is as good. */
  probe() {
    if (Date.now() - this.#heard > this.#patience) return this.drop();
    this.send({ unsubscribe: { channel: 'probe' } }, (error) => error && this.drop(), this.#timeout / 2);
  }

  drop(code = 1006) {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#watch);
    Object.assign(this.#socket, { onopen: null, onmessage: null, onclose: null });
    this.#socket.close();
    const error = code === 1009
      ? new ChatError('body_too_large', 'this is longer than the server takes', { status: 413 })
      : offline('the connection was lost');
    for (const { done, timer } of this.#calls.values()) {
      clearTimeout(timer);
      done(error);
    }
    this.#calls.clear();
    this.#on.closed(code);
  }

  #write(line) {
    if (this.#socket.readyState === 0) this.#unsent.push(line);
    else if (this.#socket.readyState === 1) this.#socket.send(line);
  }

  // A frame has one reply or several, a line each.
  #receive(frame) {
    this.#heard = Date.now();
    for (const line of frame.split('\n')) {
      if (this.#over) return;
      const reply = parse(line);
      if (reply) this.#reply(reply);
    }
  }

  #reply({ id, push, error, ...results }) {
    if (push) return this.#on.pushed(push);
    if (!id) return this.#pong && this.#write('{}');
    const call = this.#calls.get(id);
    if (!call) return;
    this.#calls.delete(id);
    clearTimeout(call.timer);
    call.done(error ? refusal(error) : null, results[call.name] ?? {});
  }
}

// Close codes by which the log-in may be over: a renewal tells.
const DOUBTS = [3500, 3503];

// Close codes after which a client stays away. A connection grows stale (3502) when the machine falls asleep at the
// wrong moment; and 1009, a message that is too long, is for who sent it, since nothing is sent again by itself.
function isFinal(code) {
  return ((code >= 3500 && code < 4000) || (code >= 4500 && code < 5000)) && code !== 3502 && !DOUBTS.includes(code);
}

// The protocol's numbers as HTTP would have answered.
const STATUS = { 100: 503, 101: 401, 102: 404, 103: 403, 104: 404, 106: 409, 111: 429, 112: 410, 113: 503 };

// An error of a reply; its message begins with the API's word, unless it is the protocol's own.
function refusal({ code, message, temporary }) {
  const [, word, detail] = /^([a-z0-9_]+): (.*)$/s.exec(message) ?? [null, message.replaceAll(' ', '_'), message];
  const error = new ChatError(word, detail, { status: STATUS[code] ?? (temporary ? 503 : 400) });
  error.number = code;
  return error;
}

// What an HTTP answer says.
function read(answer, text) {
  const body = parse(text);
  if (answer.ok && body !== undefined) return body;
  const { status } = answer;
  if (typeof body?.code === 'string') {
    const retryAfter = Number(answer.headers.get('retry-after')) || undefined;
    throw new ChatError(body.code, body.detail ?? body.code, { status, errors: body.errors, retryAfter });
  }
  // Somebody else's words: a proxy's, whose server is away, or a hotel's, who wants a log-in first.
  if (status === 413) throw new ChatError('body_too_large', 'this is longer than the server takes', { status });
  throw offline(`an answer that is not the chat's (${status})`);
}

function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return undefined;
  }
}

// ---- What tabs share

/**
 * What all tabs see alike, kept in IndexedDB. Not so localStorage: what one tab writes, another reads a moment later,
 * even under a lock.
 */
class Shared {
  #db = null;

  /** Changes a value while nobody else does, and returns what it is then. */
  async update(key, change) {
    const db = await (this.#db ??= this.#open());
    const work = db.transaction('shared', 'readwrite');
    const values = work.objectStore('shared');
    return new Promise((resolve, reject) => {
      let value;
      const ask = values.get(key);
      ask.onsuccess = () => {
        value = change(ask.result);
        if (value !== ask.result) values.put(value, key);
      };
      work.oncomplete = () => resolve(value);
      work.onabort = () => reject(work.error);
    });
  }

  #open() {
    return new Promise((resolve, reject) => {
      const ask = indexedDB.open('chat', 1);
      ask.onupgradeneeded = () => ask.result.createObjectStore('shared');
      ask.onsuccess = () => {
        ask.result.onclose = () => { this.#db = null; };
        resolve(ask.result);
      };
      ask.onerror = () => reject(ask.error);
    });
  }
}

/** Keeps the log-in in the browser; in memory alone where the browser allows nothing else. @returns {Tokens} */
export function browserTokens(key = 'chat.session', shared = new Shared()) {
  let kept = null;
  const stored = (use) => {
    try {
      return use(globalThis.localStorage);
    } catch {
      return kept;
    }
  };
  const load = () => stored((storage) => JSON.parse(storage.getItem(key)));
  return {
    load,
    async latest() {
      const there = await shared.update(key, (same) => same).catch(() => null);
      const here = load();
      // Either may have been full, or closed, when the other was written.
      return there && there.at >= (here?.at ?? 0) ? there.pair : here;
    },
    async save(pair) {
      const at = Math.max(Date.now(), (load()?.at ?? 0) + 1);
      kept = pair && { ...pair, at };
      const mine = kept;
      if (!pair) stored((storage) => storage.removeItem(key));
      await shared.update(key, () => ({ pair, at })).catch(() => {});
      if (pair && kept === mine) stored((storage) => storage.setItem(key, JSON.stringify(mine)));
    },
    watch(changed) {
      globalThis.addEventListener?.('storage', (event) => (event.key === key || event.key === null) && changed());
    },
  };
}

/** `navigator.locks`, or the like of it where the browser has none: on pages that came over plain HTTP. */
export function tabLocks(shared = globalThis.indexedDB && new Shared()) {
  const queues = new Map();
  const request = (name, task) => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(() => (shared ? leased(shared, name, task) : task()));
    queues.set(name, turn.catch(() => {}));
    return turn;
  };
  return globalThis.navigator?.locks ?? { request };
}

// Longer than anything that is done in turn; how often it is looked whether it is one's turn. In milliseconds.
const LEASE = 30_000;
const LOOK = 50;

async function leased(shared, name, task) {
  const own = Math.random();
  const take = (held) => (held?.until > Date.now() ? held : { own, until: Date.now() + LEASE });
  const key = `${name}.lease`;
  // Where nothing is shared, there is nobody to wait for.
  while ((await shared.update(key, take).catch(() => ({ own }))).own !== own) {
    await new Promise((again) => { setTimeout(again, LOOK * (1 + Math.random())); });
  }
  try {
    return await task();
  } finally {
    await shared.update(key, (held) => (held?.own === own ? null : held)).catch(() => {});
  }
}
