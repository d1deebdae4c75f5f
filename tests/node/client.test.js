// The page's client against the real server, through networks that fail, ends of tokens and several tabs.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ChatError, browserTokens, tabLocks } from '../../web/client.js';
import { Server } from './server.js';
import { Network, Storage, Told, counted, online, tab, told } from './page.js';

const KEY = 'a key for tests that sign tokens of their own';

let server;
before(async () => {
  server = await Server.start({
    CHAT_TOKEN_KEY: KEY,
    CHAT_LIMITS__RECOVERY_EVENTS: '50',
    CHAT_CONNECTION__EXPIRY_GRACE_SECONDS: '0',
    CHAT_CONNECTION__PING_SECONDS: '2',
    CHAT_CONNECTION__PONG_SECONDS: '1',
  });
});
const closing = [];
after(() => Promise.all(closing.map((close) => close())));
after(() => server.stop());

let people = 0;

// A tab in which somebody new has signed up, with a room of theirs.
async function person(options = {}) {
  const username = `user${people += 1}`;
  const client = tab(options.at ?? server, options);
  closing.push(() => client.close());
  await client.signUp({ username, email: `${username}@example.com`, password: 'correct horse' });
  return client;
}

async function roomOf(client, kind = 'public') {
  const { id } = await client.request('POST', '/rooms', { name: 'Tea', kind });
  return id;
}

const send = (client, room, text) => client.request('POST', `/rooms/${room}/messages`, { text });

// Subscribes from the beginning, and waits until all is there.
async function open(client, id) {
  const room = client.room(id);
  const seen = new Told(room);
  const live = told(room, 'live');
  room.subscribe({ offset: 0 });
  if (client.state === 'offline') client.connect();
  await live;
  return { room, seen };
}

async function network(at = server) {
  const one = await Network.before(at);
  closing.push(() => one.close());
  return one;
}

// Like the client's own access token, but ending so many seconds from now.
function ending(pair, seconds) {
  const [head, claims] = pair.access_token.split('.');
  const told = JSON.parse(Buffer.from(claims, 'base64url'));
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const body = `${head}.${Buffer.from(JSON.stringify({ ...told, exp })).toString('base64url')}`;
  return { ...pair, access_token: `${body}.${createHmac('sha256', KEY).update(body).digest('base64url')}` };
}

const stored = (client) => JSON.parse(client.storage.getItem('chat.session'));
const store = (client, pair) => client.storage.setItem('chat.session', JSON.stringify(pair));
const refused = (code, more = {}) => (error) => {
  assert.ok(error instanceof ChatError);
  const expected = { code, ...more };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, error[key]])), expected);
  return true;
};

// ---- Accounts and requests

test('accounts: sign up, log in by either name, change the profile, log out', async () => {
  const ann = tab(server);
  const account = { username: 'ann', email: 'ann@example.com', password: 'correct horse' };
  const answer = await ann.signUp({ ...account, display_name: 'Ann A.' });
  assert.equal(answer.display_name, 'Ann A.');
  assert.deepEqual(stored(ann).user, ann.user);
  const again = tab(server, { storage: ann.storage });
  assert.deepEqual(again.user, ann.user, 'it is kept over a reload');
  await assert.rejects(tab(server).logIn('ann', 'wrong'), refused('wrong_credentials', { status: 401 }));
  for (const login of ['ann', 'ann@example.com']) {
    assert.equal((await tab(server).logIn(login, 'correct horse')).id, ann.user.id);
  }
  await ann.changeProfile({ display_name: 'Annie' });
  assert.equal(stored(ann).user.display_name, 'Annie');
  const { access_token } = stored(ann);
  const second = tab(server);
  await second.logIn('ann', 'correct horse');
  const sessions = async () => (await second.request('GET', '/sessions')).items.length;
  assert.equal(await sessions(), 4);
  await ann.logOut();
  assert.deepEqual([ann.user, stored(ann)], [null, null]);
  assert.equal(await sessions(), 3);
  const late = tab(server);
  await late.logIn('ann', 'correct horse');
  store(late, { ...ending(stored(late), -10), expires_at: 0 });
  await late.logOut();
  assert.equal(await sessions(), 3, 'also where the access token has ended');
  await assert.rejects(ann.request('GET', '/users/me'), refused('unauthorized'));
  assert.throws(() => ann.connect(), refused('unauthorized'));
  assert.equal((await server.call('GET', '/users/me', { token: access_token })).status, 401);
});

test('a log-in that is refused for its rate is asked for once more, and an account is made once', async () => {
  const asked = [];
  let refusals = 2;
  const client = tab(server, {
    fetch: async (url, init) => {
      asked.push(`${init.method} ${new URL(url).pathname}`);
      if (!String(url).endsWith('/sessions') || refusals-- <= 0) return fetch(url, init);
      // First a wait that is worth it, then one that is not.
      return new Response(JSON.stringify({ code: 'rate_limited' }), { status: 429, headers: { 'content-type': 'application/problem+json', 'retry-after': refusals ? '1' : '3600' } });
    },
  });
  const account = { username: 'hasty', email: 'hasty@example.com', password: 'correct horse' };
  await assert.rejects(client.signUp(account), refused('rate_limited', { status: 429 }));
  assert.equal((await client.signUp(account)).username, 'hasty');
  assert.deepEqual(asked.map((one) => one.replace('/api/v1', '')), ['POST /users', ...Array(3).fill('POST /sessions')]);
});

test('refusals carry the word, the status and the field, over HTTP and the socket alike', async () => {
  const ben = await person();
  const room = await roomOf(ben);
  const query = { mine: true, limit: 1, cursor: undefined };
  const { items } = await ben.request('GET', '/rooms', undefined, { query });
  assert.deepEqual(items.map((one) => one.id), [room]);
  await assert.rejects(send(ben, room, ''), refused('text_empty', { status: 422, field: 'text', temporary: false }));
  await assert.rejects(ben.request('GET', '/rooms/nowhere'), refused('room_not_found', { status: 404 }));
  ben.connect();
  await assert.rejects(ben.call('message.send', { room, text: '' }), refused('text_empty', { temporary: false }));
  await assert.rejects(ben.call('room.get', { room: 'nowhere' }), refused('room_not_found', { status: 404 }));
  await assert.rejects(ben.call('no.such'), refused('unknown_method'));
});

test('no answer is offline, and so is an answer of somebody else', async () => {
  const cat = await person();
  const answers = [new Response('<h1>Welcome to our hotel'), new Response('nothing here', { status: 404 })];
  const lost = tab({ url: 'http://127.0.0.1:1' }, { storage: cat.storage });
  await assert.rejects(lost.request('GET', '/rooms'), refused('offline', { status: 0, temporary: true }));
  for (const answer of answers) {
    const caught = tab(server, { storage: cat.storage, fetch: async () => answer });
    await assert.rejects(caught.request('GET', '/rooms'), refused('offline', { temporary: true }));
  }
  const stop = new AbortController();
  stop.abort(new Error('not wanted any more'));
  await assert.rejects(cat.request('GET', '/rooms', undefined, { signal: stop.signal }), /not wanted/);
});

// ---- Once and in order

test('a connection that is cut again and again brings everything, once and in order', async () => {
  const net = await network();
  const [reader, writer] = [await person({ at: net }), await person()];
  const id = await roomOf(writer);
  const { seen } = await open(reader, id);
  for (const round of counted(1, 8)) {
    const sending = counted(1, 10).map((n) => send(writer, id, `${round}.${n}`));
    net.cut();
    await Promise.all(sending);
    await seen.until(1 + round * 10);
  }
  assert.deepEqual(seen.offsets, counted(1, 81));
  assert.ok(!seen.all.some(({ type }) => type === 'reset'));
});

test('the server is killed and started again, and nothing is missing or double', async () => {
  const own = await Server.start();
  closing.push(() => own.stop());
  const dan = await person({ at: own });
  const id = await roomOf(dan);
  const { room, seen } = await open(dan, id);
  for (const round of counted(1, 3)) {
    for (const n of counted(1, 10)) await send(dan, id, `${round}.${n}`);
    const live = told(room, 'live');
    await own.down('SIGKILL');
    await own.up();
    await live;
  }
  assert.deepEqual(seen.offsets, counted(1, 31));
  const { items } = await dan.request('GET', `/rooms/${id}/messages`, undefined, { query: { after: 0, limit: 100 } });
  assert.deepEqual(seen.texts, items.map((message) => message.text));
  dan.close();
});

test('an event that was lost on the way is fetched, one that comes twice is told once', async () => {
  const eve = await person();
  const id = await roomOf(eve);
  const { seen } = await open(eve, id);
  const socket = eve.sockets.at(-1);
  socket.swallow = ({ push }) => push?.pub?.offset === 3;
  for (const n of counted(2, 4)) await send(eve, id, `${n}`);
  await seen.until(4);
  const again = { push: { channel: `room:${id}`, pub: { offset: 4, data: { offset: 4 } } } };
  socket.inject(again, again);
  await send(eve, id, '5');
  await seen.until(5);
  assert.deepEqual(seen.offsets, counted(1, 5));
  assert.equal(eve.sockets.length, 1, 'it was the same connection');
});

test('several lines in one frame: what follows the answer to a subscription is not lost', async () => {
  const fay = await person();
  const id = await roomOf(fay);
  fay.connect();
  await online(fay);
  const socket = fay.sockets.at(-1);
  const room = fay.room(id);
  const seen = new Told(room);
  socket.swallow = ({ subscribe, push }) => Boolean(subscribe ?? push);
  room.subscribe();
  const command = socket.sent.find((one) => one.subscribe);
  const event = (offset) => ({ push: { channel: `room:${id}`, pub: { offset, data: { offset } } } });
  socket.inject({ id: command.id, subscribe: { recoverable: true, epoch: 'e', offset: 7 } }, event(8), event(9));
  assert.deepEqual(seen.offsets, [8, 9]);
  assert.deepEqual([room.state, room.offset, room.epoch], ['live', 9, 'e']);
});

test('a subscription that is ended and begun again is told what it missed, and nothing of the old one', async () => {
  const gus = await person();
  const id = await roomOf(gus);
  const { room, seen } = await open(gus, id);
  await send(gus, id, '2');
  await seen.until(2);
  room.unsubscribe();
  assert.equal(room.state, 'idle');
  await send(gus, id, '3');
  const { offset, epoch } = room;
  const live = told(room, 'live');
  room.subscribe();
  room.unsubscribe();
  room.subscribe({ offset, epoch });
  gus.sockets.at(-1).inject({ push: { channel: `room:${id}`, pub: { offset: 3, data: { offset: 3, late: true } } } });
  await live;
  assert.deepEqual(seen.offsets, [1, 2, 3]);
  assert.equal(seen.events.at(-1).late, undefined);
  assert.deepEqual(seen.all.filter(({ type }) => type === 'live').length, 2);
});

test('a closed client comes back where it was', async () => {
  const [hal, other] = [await person(), await person()];
  const id = await roomOf(other);
  const { room, seen } = await open(hal, id);
  hal.close();
  assert.deepEqual([hal.state, room.state], ['offline', 'joining']);
  await send(other, id, '2');
  const live = told(room, 'live');
  hal.connect();
  await live;
  assert.deepEqual(seen.offsets, [1, 2]);
});

test('a position that cannot be recovered is a reset, and goes on from the end', async () => {
  const ida = await person();
  const id = await roomOf(ida);
  for (const n of counted(2, 60)) await send(ida, id, `${n}`);
  ida.connect();
  const room = ida.room(id);
  const seen = new Told(room);
  for (const position of [{ offset: 5 }, { offset: 59, epoch: 'of another log' }, { offset: 1000 }]) {
    const live = told(room, 'live');
    room.subscribe(position);
    await live;
    assert.equal(room.offset, 60);
    room.unsubscribe();
  }
  assert.deepEqual(seen.words, ['reset', 'live', 'reset', 'live', 'reset', 'live']);
});

test('the server asks to subscribe anew: with the position, or without where that is void', async () => {
  const joe = await person();
  const id = await roomOf(joe);
  const { room, seen } = await open(joe, id);
  for (const [code, words] of [[2500, ['live']], [2501, ['live']], [2502, ['reset', 'live']]]) {
    seen.all.length = 0;
    const live = told(room, 'live');
    joe.sockets.at(-1).inject({ push: { channel: `room:${id}`, unsubscribe: { code, reason: 'so' } } });
    await live;
    assert.deepEqual(seen.words, words);
  }
});

// ---- Rooms end

test('who is removed, banned, leaves, or whose room is deleted, is told which', async () => {
  const [owner, guest] = [await person(), await person()];
  const ends = {
    removed: (id) => owner.request('DELETE', `/rooms/${id}/members/${guest.user.id}`),
    left: (id) => guest.request('DELETE', `/rooms/${id}/members/${guest.user.id}`),
    room_deleted: (id) => owner.request('DELETE', `/rooms/${id}`),
  };
  for (const [code, end] of Object.entries(ends)) {
    const id = await roomOf(owner);
    await guest.request('PUT', `/rooms/${id}/members/${guest.user.id}`);
    const { room } = await open(guest, id);
    const ended = told(room, 'ended');
    await end(id);
    refused(code)(await ended);
    assert.equal(room.state, 'idle');
  }
  // A ban of a member is first of all their removal; one who only reads is told the ban itself.
  const id = await roomOf(owner);
  const { room } = await open(guest, id);
  for (const again of [false, true]) {
    const banned = told(room, 'ended');
    if (again) room.subscribe();
    else await owner.request('PUT', `/rooms/${id}/bans/${guest.user.id}`, {});
    refused('banned', { status: 403 })(await banned);
  }
  const secret = guest.room(await roomOf(owner, 'private'));
  const ended = told(secret, 'ended');
  secret.subscribe();
  refused('room_not_found')(await ended);
  assert.equal(guest.state, 'online');
});

test('signals: who is there, who writes, and news of the own channel', async () => {
  const [kim, lea] = [await person(), await person()];
  const id = await roomOf(kim, 'private');
  const { room } = await open(kim, id);
  lea.connect();
  await online(lea);
  const added = told(lea, 'personal');
  await kim.request('PUT', `/rooms/${id}/members/${lea.user.id}`, {});
  assert.equal((await added).type, 'room.added');
  const joined = told(room, 'signal', ({ type, user }) => type === 'presence.joined' && user.id === lea.user.id);
  const { room: hers } = await open(lea, id);
  await joined;
  const writes = told(room, 'signal', ({ type }) => type === 'typing.started');
  await lea.call('typing.start', { room: id });
  assert.equal((await writes).user.id, lea.user.id);
  const left = told(room, 'signal', ({ type }) => type === 'presence.left');
  hers.unsubscribe();
  assert.equal((await left).user.id, lea.user.id);
});

// ---- The connection

test('a network that swallows everything is noticed: after waking at once, and else by the missing ping', async () => {
  const net = await network();
  const [mia, other] = [await person({ at: net, timeout: 400 }), await person()];
  const id = await roomOf(other);
  const { room, seen } = await open(mia, id);
  for (const wake of [true, false]) {
    const swallowed = net.swallow(() => true);
    const away = told(mia, 'state', (state) => state !== 'online');
    if (wake) mia.wake();
    await swallowed;
    await away;
    net.heal();
    await told(room, 'live');
  }
  await send(other, id, '2');
  await seen.until(2);
  assert.deepEqual(seen.offsets, [1, 2]);
});

test('pings are answered', async () => {
  const nic = await person();
  nic.connect();
  await online(nic);
  const [socket] = nic.sockets;
  await socket.saw((reply) => Object.keys(reply).length === 0);
  await nic.call('room.list');
  assert.ok(socket.sent.some((command) => Object.keys(command).length === 0));
  assert.equal(nic.sockets.length, 1);
});

test('a wake-up does not wait for the next attempt', async () => {
  const ned = await person({ delays: { min: 1e8, max: 1e8 } });
  ned.connect();
  await online(ned);
  const waiting = told(ned, 'state', () => ned.retryAt !== null);
  ned.sockets.at(-1).closeWith(3001);
  await waiting;
  assert.ok(ned.retryAt > Date.now());
  ned.wake();
  await online(ned);
  ned.wake();
  await ned.call('room.list');
  assert.equal(ned.sockets.length, 2, 'and a good connection stays');
});

test('a machine that wakes from its sleep does not wait for a connection that must be dead', async () => {
  const nan = await person({ timeout: 1e6 });
  nan.connect();
  await online(nan);
  const now = Date.now;
  try {
    Date.now = () => now() + 3600_000;
    const away = told(nan, 'state');
    nan.wake();
    assert.equal(await away, 'connecting');
  } finally {
    Date.now = now;
  }
  await online(nan);
  assert.equal(nan.sockets.length, 2);
});

test('codes of the protocol: which end it for good and which do not', async () => {
  const own = await Server.start();
  closing.push(() => own.stop());
  const oli = await person({ at: own });
  for (const code of [1006, 1009, 3001, 3008, 3010, 3012, 3502, 4000, 5000]) {
    oli.connect();
    await online(oli);
    const back = told(oli, 'state', (state) => state === 'online');
    oli.sockets.at(-1).closeWith(code);
    await back;
  }
  for (const code of [3501, 3504, 3508, 4500]) {
    oli.connect();
    await online(oli);
    oli.sockets.at(-1).closeWith(code);
    assert.deepEqual([oli.state, oli.retryAt], ['offline', null], `${code}`);
  }
  assert.ok(oli.user, 'the log-in stays');
});

test('a call without an answer is offline, whether it was done or not', async () => {
  const net = await network();
  const pam = await person({ at: net });
  const id = await roomOf(pam);
  await assert.rejects(pam.call('room.list'), refused('offline'), 'not connected');
  pam.connect();
  await online(pam);
  const swallowed = net.swallow((side) => side === 'server');
  const calling = pam.call('message.send', { room: id, text: 'once', client_id: 'c' });
  await swallowed;
  net.cut();
  await assert.rejects(calling, refused('offline', { temporary: true }));
  net.heal();
  const message = await pam.call('message.send', { room: id, text: 'twice', client_id: 'c' });
  assert.equal(message.text, 'once', 'this call waited for the connection, and was a repetition');
});

// ---- Tokens

test('an access token that has ended is renewed: for requests, and for connections', async () => {
  const ria = await person();
  const id = await roomOf(ria);
  // The client does not know: its clock is wrong, or the key has changed.
  store(ria, ending(stored(ria), -10));
  await send(ria, id, '2');
  store(ria, ending(stored(ria), -10));
  await open(ria, id);
  assert.ok(ria.sockets.length === 2, 'the first one was refused');
  // It knows.
  store(ria, { ...ending(stored(ria), -10), renew_at: 0, expires_at: 0 });
  const { refresh_token } = stored(ria);
  await send(ria, id, '3');
  assert.notEqual(stored(ria).refresh_token, refresh_token);
});

test('a token is renewed over the connection before it ends', async () => {
  const sam = await person();
  store(sam, { ...ending(stored(sam), 5), renew_at: Date.now() + 50 });
  sam.connect();
  await online(sam);
  const [socket] = sam.sockets;
  assert.ok(socket.received.some(({ connect }) => connect?.ttl <= 5));
  await socket.saw(({ refresh }) => refresh?.ttl > 100);
  assert.equal(socket.sent.find((one) => one.refresh).refresh.token, stored(sam).access_token);
  await sam.call('room.list');
  assert.equal(sam.sockets.length, 1, 'the connection stayed');
});

test('a connection whose token was not renewed in time comes back with a new one', async () => {
  const tom = await person();
  const id = await roomOf(tom);
  store(tom, { ...ending(stored(tom), 2), renew_at: Date.now() + 1e6 });
  const { room, seen } = await open(tom, id);
  await told(room, 'live');
  await send(tom, id, '2');
  await seen.until(2);
  assert.deepEqual(seen.offsets, [1, 2]);
});

test('several tabs spend a refresh token once, with locks of the browser or without', async () => {
  for (const alone of [true, false]) {
    const [storage, tabs] = [new Storage(), []];
    // Without: each tab has its own queue, and they meet in the storage alone.
    const locks = tabLocks(null);
    let spent = 0;
    const fetch = (url, options) => {
      if (url.pathname.endsWith('/refresh')) spent += 1;
      return globalThis.fetch(url, options);
    };
    const more = () => ({ storage, tabs, fetch, locks: alone ? tabLocks(storage) : locks });
    const first = await person(more());
    const others = counted(1, 3).map(() => tab(server, more()));
    for (const round of counted(1, 2)) {
      store(first, { ...stored(first), renew_at: 0 });
      const before = stored(first).refresh_token;
      await Promise.all([first, ...others].map((one) => one.request('GET', '/users/me')));
      assert.notEqual(stored(first).refresh_token, before);
      assert.equal(spent, round);
    }
    assert.equal((await first.request('GET', '/sessions')).items.length, 1);
  }
});

test('a tab that renews with what another has spent already takes what that one got', async () => {
  const una = await person();
  const old = stored(una);
  // Both read the same tokens; the other was faster, and this one had not noticed before it asked.
  const fetch = async (url, options) => {
    if (!url.pathname.endsWith('/refresh')) return globalThis.fetch(url, options);
    const other = tab(server, { storage: una.storage });
    store(una, { ...old, renew_at: 0 });
    await other.token();
    return new Response(JSON.stringify({ code: 'refresh_token_invalid', detail: '' }), { status: 401 });
  };
  store(una, { ...old, renew_at: 0 });
  const late = tab(server, { storage: una.storage, fetch });
  assert.equal(await late.token(), stored(una).access_token);
  assert.notEqual(stored(una).refresh_token, old.refresh_token);
});

test('a tab that sees late what another has written does not spend a token twice', async () => {
  const ulf = await person();
  const old = { ...stored(ulf), renew_at: 0 };
  const tokens = { load: () => old, latest: async () => stored(ulf), save: (pair) => store(ulf, pair) };
  const late = tab(server, { tokens, storage: ulf.storage });
  store(ulf, old);
  const token = await ulf.token();
  assert.equal(await late.token(), token);
  assert.equal((await late.request('GET', '/sessions')).items.length, 1);
  await late.logOut();
});

test('a renewal that finds no server uses the token as long as it is good, and keeps the log-in', async () => {
  const vic = await person();
  let asked = 0;
  const fetch = (url, options) => {
    if (!url.pathname.endsWith('/refresh')) return globalThis.fetch(url, options);
    asked += 1;
    throw new TypeError('fetch failed');
  };
  store(vic, { ...stored(vic), renew_at: 0 });
  const poor = tab(server, { storage: vic.storage, fetch });
  await poor.request('GET', '/users/me');
  store(vic, { ...stored(vic), expires_at: 0 });
  await assert.rejects(poor.request('GET', '/users/me'), refused('offline'));
  assert.equal(asked, 2);
  assert.ok(poor.user && stored(vic));
});

test('a log-in that is ended elsewhere ends here, and nothing is tried any more', async () => {
  const [storage, tabs] = [new Storage(), []];
  const wes = await person({ storage, tabs });
  const id = await roomOf(wes);
  const { room } = await open(wes, id);
  const second = tab(server, { storage, tabs });
  const device = tab(server);
  await device.logIn(wes.user.username, 'correct horse');
  const [ended, also] = [told(wes, 'ended'), told(second, 'ended')];
  const { items } = await device.request('GET', '/sessions');
  await device.request('DELETE', `/sessions/${items.find((one) => !one.current).id}`);
  refused('refresh_token_invalid', { status: 401 })(await ended);
  await also;
  assert.deepEqual([wes.user, wes.state, wes.retryAt, room.state, stored(wes)], [null, 'offline', null, 'idle', null]);
  assert.equal((await device.request('GET', '/users/me')).username, device.user.username);
});

test('another who logs in on the same browser takes over no tab', async () => {
  const [storage, tabs] = [new Storage(), []];
  const xia = await person({ storage, tabs });
  xia.connect();
  await online(xia);
  const ended = told(xia, 'ended');
  const other = await person({ storage, tabs });
  refused('unauthorized')(await ended);
  assert.equal(xia.user, null);
  assert.equal(stored(other).user.id, other.user.id, 'whose tokens stay');
  await assert.rejects(xia.request('GET', '/users/me'), refused('unauthorized'));
});

test('a log-out while a renewal is under way stays one', async () => {
  const yan = await person();
  store(yan, { ...stored(yan), renew_at: 0 });
  let [answered, pass] = [];
  const came = new Promise((done) => { answered = done; });
  const passed = new Promise((done) => { pass = done; });
  const fetch = async (url, options) => {
    const answer = await globalThis.fetch(url, options);
    if (url.pathname.endsWith('/refresh')) await (answered(), passed);
    return answer;
  };
  const late = tab(server, { storage: yan.storage, fetch });
  const renewing = late.token();
  await came;
  await late.logOut();
  pass();
  await assert.rejects(renewing, refused('unauthorized'));
  assert.deepEqual([late.user, stored(late)], [null, null]);
});

test('the log-in of a browser is the newest of what its storages say, whichever of them fails', async () => {
  const [shared, storage] = [new Storage(), new Storage()];
  globalThis.localStorage = storage;
  try {
    const fails = (target, name) => Object.defineProperty(target, name, { configurable: true, value() { throw new Error('full'); } });
    const [one, other] = [browserTokens('s', shared), browserTokens('s', shared)];
    const latest = async () => [(await one.latest())?.n, (await other.latest())?.n];
    await one.save({ n: 1 });
    assert.deepEqual([other.load().n, ...await latest()], [1, 1, 1]);
    fails(storage, 'setItem');
    await one.save({ n: 2 });
    assert.deepEqual(await latest(), [2, 2]);
    delete storage.setItem;
    await one.save({ n: 3 });
    shared.update = async () => { throw new Error('closed'); };
    await one.save({ n: 4 });
    assert.deepEqual(await latest(), [4, 4]);
    delete shared.update;
    assert.deepEqual([...await latest(), one.load().n], [4, 4, 4]);
    await other.save(null);
    assert.deepEqual([one.load(), ...await latest()], [null, undefined, undefined]);
    // The browser keeps nothing at all.
    shared.update = async () => { throw new Error('closed'); };
    for (const name of ['setItem', 'getItem', 'removeItem']) fails(storage, name);
    const alone = browserTokens('s', shared);
    assert.equal(alone.load(), null);
    await alone.save({ n: 5 });
    assert.deepEqual([alone.load().n, (await alone.latest()).n], [5, 5]);
  } finally {
    delete globalThis.localStorage;
  }
});
