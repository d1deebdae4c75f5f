// What the page has of a browser, and what goes wrong around it.

import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import WebSocket from 'ws';
import { Client } from '../../web/client.js';

// The storage that all tabs of a browser share.
export class Storage {
  #items = new Map();
  #shared = new Map();

  get length() { return this.#items.size; }

  key(index) { return [...this.#items.keys()][index] ?? null; }

  getItem(key) { return this.#items.get(key) ?? null; }

  setItem(key, value) { this.#items.set(key, String(value)); }

  removeItem(key) { this.#items.delete(key); }

  // And what they see alike.
  async update(key, change) {
    const value = change(this.#shared.get(key));
    this.#shared.set(key, value);
    return value;
  }
}

// A log-in as it is kept there; `watch` is called for what another tab does.
export function tokensIn(storage, tabs = []) {
  const own = [];
  tabs.push(own);
  return {
    load: () => JSON.parse(storage.getItem('chat.session')),
    save(pair) {
      if (pair) storage.setItem('chat.session', JSON.stringify(pair));
      else storage.removeItem('chat.session');
      tabs.filter((tab) => tab !== own).flat().forEach((changed) => queueMicrotask(changed));
    },
    watch: (changed) => own.push(changed),
  };
}

// A WebSocket through which a test looks at the lines and leaves some out.
export function spying() {
  const sockets = [];
  class Spied extends WebSocket {
    constructor(...args) {
      super(...args);
      this.sent = [];
      this.received = [];
      this.swallow = () => false;
      sockets.push(this);
    }

    send(line) {
      this.sent.push(JSON.parse(line));
      super.send(line);
    }

    emit(type, data, ...rest) {
      if (type !== 'message') return super.emit(type, data, ...rest);
      const lines = data.toString().split('\n').filter((line) => !this.swallow(JSON.parse(line)));
      const more = lines.length > 0 && super.emit(type, Buffer.from(lines.join('\n')), ...rest);
      this.received.push(...lines.map((line) => JSON.parse(line)));
      super.emit('seen');
      return more;
    }

    // As if the server had sent it.
    inject(...replies) {
      super.emit('message', Buffer.from(replies.map((reply) => JSON.stringify(reply)).join('\n')), false);
    }

    // As if the server had closed.
    closeWith(code) {
      super.emit('close', code, Buffer.from('reason'));
      this.terminate();
    }

    async saw(test) {
      while (!this.received.some(test)) await once(this, 'seen');
    }
  }
  return { Spied, sockets };
}

// A network before the server: it can be cut, and swallow what one side says.
export class Network {
  #pairs = new Set();
  #swallowing = () => false;
  #swallowed = [];

  static async before(server) {
    const network = new Network();
    network.server = createServer((client) => network.#join(client, server.port)).listen(0, '127.0.0.1');
    await once(network.server, 'listening');
    network.url = `http://127.0.0.1:${network.server.address().port}`;
    return network;
  }

  #join(client, port) {
    const upstream = connect(port, '127.0.0.1');
    const pair = [client, upstream];
    this.#pairs.add(pair);
    const pass = (from, to, side) => {
      from.on('error', () => {});
      from.on('close', () => { to.destroy(); this.#pairs.delete(pair); });
      from.on('data', (data) => {
        if (!this.#swallowing(side, data)) return to.write(data);
        this.#swallowed.splice(0).forEach((done) => done());
      });
    };
    pass(client, upstream, 'client');
    pass(upstream, client, 'server');
  }

  cut() {
    for (const pair of this.#pairs) pair.forEach((socket) => socket.destroy());
  }

  // Swallows what `test(side, data)` is true for, until `heal`; resolves when it has done so for the first time.
  swallow(test) {
    this.#swallowing = test;
    return new Promise((done) => { this.#swallowed.push(done); });
  }

  heal() {
    this.#swallowing = () => false;
  }

  close() {
    this.cut();
    this.server.close();
  }
}

// The next event of this type, or the first that `test` takes.
export function told(target, type, test = () => true) {
  return new Promise((done) => {
    const look = ({ detail }) => {
      if (!test(detail)) return;
      target.removeEventListener(type, look);
      done(detail);
    };
    target.addEventListener(type, look);
  });
}

export async function online(client) {
  if (client.state !== 'online') await told(client, 'state', () => client.state === 'online');
}

// What a room tells, one word or event after the other.
export class Told {
  constructor(room) {
    this.room = room;
    this.all = [];
    for (const type of ['event', 'signal', 'reset', 'live', 'ended']) {
      room.addEventListener(type, ({ detail }) => this.all.push({ type, detail }));
    }
  }

  get events() { return this.all.filter((one) => one.type === 'event').map((one) => one.detail); }

  get words() { return this.all.map((one) => one.type).filter((type) => type !== 'signal'); }

  get offsets() { return this.events.map((event) => event.offset); }

  get texts() {
    return this.events.filter((event) => event.type === 'message.created').map((event) => event.message.text);
  }

  // Until the event of this offset is there.
  async until(offset) {
    if (!this.offsets.includes(offset)) await told(this.room, 'event', (event) => event.offset === offset);
  }
}

// One tab of a browser.
export function tab(server, options = {}) {
  const storage = options.storage ?? new Storage();
  const { Spied, sockets } = spying();
  const client = new Client({
    base: server.url,
    tokens: tokensIn(storage, options.tabs),
    WebSocket: Spied,
    delays: { min: 5, max: 50 },
    ...options,
  });
  return Object.assign(client, { sockets, storage });
}

export const counted = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
