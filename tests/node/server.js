// Starts the real server on a fresh directory, and speaks its HTTP API.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { Centrifuge } from 'centrifuge';
import WebSocket from 'ws';

const BINARY = process.env.CHAT_SERVER ?? resolve(import.meta.dirname, '../../target/debug/chat-server');

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

let databases = 0;

// SQLite in the server's directory; or a schema of its own on the PostgreSQL server that this run is about.
function database() {
  const url = process.env.CHAT_TEST_POSTGRES;
  if (!url) return {};
  databases += 1;
  const schema = `node_${process.pid}_${databases}`;
  execFileSync('psql', ['--quiet', '--dbname', url, '--command', `CREATE SCHEMA ${schema}`]);
  return { CHAT_DATABASE_URL: `${url}?options=-csearch_path%3D${schema}` };
}

export class Server {
  static async start(env = {}) {
    const server = new Server();
    server.clients = [];
    server.dir = mkdtempSync(join(tmpdir(), 'chat-node-'));
    server.port = await freePort();
    server.env = {
      PATH: process.env.PATH,
      CHAT_LISTEN: `127.0.0.1:${server.port}`,
      CHAT_DATA_DIR: server.dir,
      CHAT_LIMITS__RATES: 'off',
      CHAT_AUTH__BCRYPT_COST: '4',
      ...database(),
      ...env,
    };
    server.url = `http://127.0.0.1:${server.port}`;
    await server.up();
    return server;
  }

  // Starts the process and waits until it serves.
  async up() {
    this.process = spawn(BINARY, [], { env: this.env, cwd: this.dir, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    this.process.stderr.on('data', (chunk) => { log += chunk; });
    let ended = false;
    this.process.on('exit', () => { ended = true; });
    for (;;) {
      if (ended) throw new Error(`the server ended:\n${log}`);
      const ready = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (ready?.ok) return;
      await new Promise((again) => setTimeout(again, 20));
    }
  }

  async down(signal) {
    const exit = once(this.process, 'exit');
    this.process.kill(signal);
    return (await exit)[0];
  }

  async stop() {
    for (const client of this.clients) client.disconnect();
    if (this.process.exitCode === null && this.process.signalCode === null) await this.down('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  async call(method, path, { token, body } = {}) {
    const headers = {};
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }

  // Signs a user up and in.
  async user(username) {
    const password = 'correct horse battery';
    await this.call('POST', '/users', { body: { username, email: `${username}@example.com`, password } });
    const session = await this.call('POST', '/sessions', { body: { email: `${username}@example.com`, password } });
    return new User(this, username, session.body);
  }
}

export class User {
  constructor(server, name, session) {
    Object.assign(this, { server, name, id: session.user.id, token: session.access_token, session });
  }

  call(method, path, body) {
    return this.server.call(method, path, { token: this.token, body });
  }

  async room(id, kind = 'public') {
    const { status } = await this.call('POST', '/rooms', { id, name: id, kind });
    if (status !== 201) throw new Error(`room ${id}: ${status}`);
  }

  // A client in a room, when it is subscribed; `rpc` is about that room.
  async open(room, { client: clientOptions, ...options } = {}) {
    const client = this.client(clientOptions);
    const subscription = client.newSubscription(`room:${room}`, options);
    const inbox = new Inbox(subscription);
    const subscribed = next(subscription, 'subscribed');
    subscription.subscribe();
    client.connect();
    const rpc = async (method, data) => (await client.rpc(method, { room, ...data })).data;
    return { client, subscription, inbox, rpc, subscribed: await subscribed };
  }

  // A client of the public package, which ends with the server. `sockets` collects its WebSockets, so that a test can cut them.
  client(options = {}) {
    const sockets = [];
    class Cuttable extends WebSocket {
      constructor(...args) {
        super(...args);
        sockets.push(this);
      }
    }
    const client = new Centrifuge(`ws://127.0.0.1:${this.server.port}/connection/websocket`, {
      websocket: Cuttable,
      token: this.token,
      minReconnectDelay: 10,
      maxReconnectDelay: 100,
      ...options,
    });
    this.server.clients.push(client);
    client.sockets = sockets;
    client.cut = () => sockets.at(-1).terminate();
    return client;
  }
}

// Collects what a subscription brings; `until(n)` waits for n publications.
export class Inbox {
  constructor(subscription) {
    this.items = [];
    this.waiting = [];
    subscription.on('publication', (context) => {
      this.items.push(context);
      this.waiting = this.waiting.filter(({ count, resolve: done }) => this.items.length < count || done());
    });
  }

  until(count) {
    if (this.items.length >= count) return Promise.resolve();
    return new Promise((done) => { this.waiting.push({ count, resolve: done }); });
  }

  texts() {
    return this.items.filter((item) => item.data.type === 'message.created').map((item) => item.data.message.text);
  }

  offsets() {
    return this.items.map((item) => item.offset);
  }
}

export function next(emitter, event) {
  return new Promise((done) => { emitter.once(event, done); });
}
