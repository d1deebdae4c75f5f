// A client of the classic API, as the original server's front-end speaks it, beside one of the client protocol.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Inbox, Server, next } from './server.js';

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

const JSON_HEADERS = { 'content-type': 'application/json' };
const PASSWORD = 'correct horse battery';

async function post(path, body, cookie) {
  const headers = cookie ? { ...JSON_HEADERS, cookie } : JSON_HEADERS;
  const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: await answer.json(), cookie: answer.headers.get('set-cookie') };
}

async function get(path, cookie) {
  const answer = await fetch(server.url + path, { headers: cookie ? { cookie } : {} });
  return { status: answer.status, body: await answer.json(), cookie: answer.headers.get('set-cookie') };
}

// Signs up and logs in, as the front-end does; returns the user and the cookie.
async function enter(username) {
  const email = `${username}@example.com`;
  const signup = await post('/signup', { username, email, password: PASSWORD });
  assert.equal(signup.status, 200);
  assert.deepEqual(signup.body, { id: signup.body.id, username, email });
  const login = await post('/login', { email, password: PASSWORD });
  assert.equal(login.status, 200);
  assert.deepEqual(login.body, { id: signup.body.id, username });
  assert.match(login.cookie, /^jwt=[^;]+;.*HttpOnly/);
  return { id: signup.body.id, username, cookie: login.cookie.split(';')[0] };
}

// A room socket whose objects are collected.
class RoomSocket {
  constructor(user, room, query = '') {
    const headers = user ? { cookie: user.cookie } : {};
    this.socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws/joinRoom/${room}${query}`, { headers });
    this.received = [];
    this.waiting = [];
    this.socket.on('message', (frame) => {
      this.received.push(JSON.parse(frame));
      this.waiting = this.waiting.filter(({ count, done }) => this.received.length < count || done());
    });
  }

  until(count) {
    if (this.received.length >= count) return Promise.resolve();
    return new Promise((done) => { this.waiting.push({ count, done }); });
  }

  refused() {
    return new Promise((done) => {
      this.socket.on('unexpected-response', (_, answer) => done(answer.statusCode));
      this.socket.on('error', () => {});
    });
  }
}

test('a classic front-end finds its way from sign-up to the room', async () => {
  const [ann, ben] = [await enter('ann'), await enter('ben')];
  const room = { id: '0b6bd6d0-4a6d-4f2c-9a1e-6f3a4f0f2c11', name: 'Tea' };
  const made = await post('/ws/createRoom', room, ann.cookie);
  assert.deepEqual([made.status, made.body], [200, room]);
  assert.deepEqual((await get('/ws/getRooms')).body, [room]);
  assert.equal((await post('/ws/createRoom', { ...room, name: 'Mine' }, ben.cookie)).status, 409);

  const a = new RoomSocket(ann, room.id, `?userId=${ann.id}&username=ann`);
  await a.until(1);
  const b = new RoomSocket(ben, room.id, `?userId=${ann.id}&username=somebody-else`);
  await Promise.all([a.until(2), b.until(1)]);
  const joined = 'A new user has joined the room';
  assert.deepEqual(a.received[0], { content: joined, roomId: room.id, username: 'ann' });
  // Who one is says the cookie, not the address.
  assert.deepEqual(a.received[1], { content: joined, roomId: room.id, username: 'ben' });
  assert.deepEqual(b.received, [a.received[1]]);
  const here = (await get(`/ws/getClients/${room.id}`)).body;
  assert.deepEqual(here.sort((x, y) => x.id - y.id), [{ id: ann.id, username: 'ann' }, { id: ben.id, username: 'ben' }]);

  b.socket.send('Is it ready?');
  await Promise.all([a.until(3), b.until(2)]);
  assert.deepEqual(a.received[2], { content: 'Is it ready?', roomId: room.id, username: 'ben' });
  assert.deepEqual(b.received[1], a.received[2]);
  b.socket.close();
  await a.until(4);
  assert.deepEqual(a.received[3], { content: 'user left the chat', roomId: room.id, username: 'ben' });
  a.socket.close();
});

test('classic and native clients share the room, its history and its survival', async () => {
  const cat = await enter('cat');
  const dan = await server.user('dan');
  await dan.room('shared');
  const client = dan.client();
  const subscription = client.newSubscription('room:shared');
  const inbox = new Inbox(subscription);
  const subscribed = next(subscription, 'subscribed');
  subscription.subscribe();
  client.connect();
  await subscribed;

  const classic = new RoomSocket(cat, 'shared');
  await classic.until(1);
  classic.socket.send('from the classic side');
  await classic.until(2);
  await subscription.publish({ text: 'from the native side' });
  await classic.until(3);
  assert.deepEqual(classic.received.slice(1).map((message) => [message.username, message.content]), [
    ['cat', 'from the classic side'],
    ['dan', 'from the native side'],
  ]);
  // The newcomer's membership, then the two messages.
  await inbox.until(3);
  assert.deepEqual(inbox.texts(), ['from the classic side', 'from the native side']);

  const back = next(subscription, 'subscribed');
  await server.down('SIGKILL');
  await server.up();
  assert.equal((await back).recovered, true);
  const history = await dan.call('GET', '/rooms/shared/messages');
  assert.deepEqual(history.body.items.map((message) => message.text), inbox.texts());
  const again = new RoomSocket(cat, 'shared', '?history=1');
  await again.until(2);
  assert.equal(again.received[0].content, 'from the native side');
  again.socket.close();
  client.disconnect();
});

test('what the original got wrong is refused', async () => {
  const eve = await enter('eve');
  assert.equal((await post('/signup', { username: 'EVE', email: 'x@example.com', password: PASSWORD })).status, 409);
  const unknown = await post('/login', { email: 'nobody@example.com', password: PASSWORD });
  const wrong = await post('/login', { email: 'eve@example.com', password: 'wrong password' });
  assert.deepEqual([unknown.status, unknown.body], [401, wrong.body]);
  assert.equal(wrong.status, 401);
  assert.deepEqual((await get('/ws/getClients/nowhere')).body, []);
  assert.equal(await new RoomSocket(eve, 'nowhere').refused(), 404);
  assert.equal((await post('/ws/createRoom', { id: 'eves', name: 'Eve' }, eve.cookie)).status, 200);
  assert.equal(await new RoomSocket(null, 'eves', '?userId=1&username=ann').refused(), 401);

  const room = new RoomSocket(eve, 'eves');
  await room.until(1);
  room.socket.send('   ');
  await room.until(2);
  assert.deepEqual(room.received[1], { content: 'message not sent: text must not be empty', roomId: 'eves', username: '' });
  const closed = new Promise((done) => { room.socket.on('close', (code) => done(code)); });
  const out = await get('/logout', eve.cookie);
  assert.deepEqual([out.status, out.body], [200, { message: 'logout successful' }]);
  assert.equal(await closed, 3503, 'a log-out closes the sockets it opened');
});
