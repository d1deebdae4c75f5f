// What is written arrives once and in order, whatever becomes of answers, pages, connections and the server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tabLocks } from '../../web/client.js';
import { Outbox } from '../../web/outbox.js';
import { Server } from './server.js';
import { Network, Storage, Told, counted, online, tab, told } from './page.js';

let server;
before(async () => { server = await Server.start(); });
const closing = [];
after(() => Promise.all(closing.map((close) => close())));
after(() => server.stop());

const delays = { min: 5, max: 50 };
let people = 0;

// A tab with an outbox, in which somebody new has signed up, and their room.
async function writer(at = server, options = {}) {
  const username = `user${people += 1}`;
  const client = tab(at, options);
  closing.push(() => client.close());
  await client.signUp({ username, email: `${username}@example.com`, password: 'correct horse' });
  const { id: room } = await client.request('POST', '/rooms', { name: 'Tea' });
  return { client, room, outbox: new Outbox(client, { storage: client.storage, delays }) };
}

// Another tab of the same browser, or the same one after a reload.
function reloaded({ client }, at = server, options = {}) {
  const next = tab(at, { storage: client.storage, ...options });
  closing.push(() => next.close());
  return { client: next, outbox: new Outbox(next, { storage: client.storage, delays }) };
}

const empty = async (outbox, room) => {
  if (outbox.items(room).length > 0) await told(outbox, 'change', () => outbox.items(room).length === 0);
};

async function texts(client, room) {
  const query = { after: 0, limit: 200 };
  const { items } = await client.request('GET', `/rooms/${room}/messages`, undefined, { query });
  return items.map((message) => message.text);
}

async function network(at = server) {
  const one = await Network.before(at);
  closing.push(() => one.close());
  return one;
}

const words = (count, mark = '') => counted(1, count).map((n) => `${mark}${n}`);

test('what is written arrives in order, and is told when it has', async () => {
  const { client, room, outbox } = await writer();
  const seen = new Told(client.room(room));
  client.room(room).subscribe({ offset: 0 });
  client.connect();
  const sent = [];
  outbox.addEventListener('sent', ({ detail }) => sent.push(detail));
  const items = words(20).map((text) => outbox.add(room, { text }));
  assert.deepEqual(outbox.items(room).map((item) => item.draft.text), words(20));
  assert.deepEqual(outbox.items('another'), []);
  await empty(outbox, room);
  await seen.until(21);
  assert.deepEqual(seen.texts, words(20));
  const ids = items.map((item) => item.client_id);
  assert.deepEqual(sent.map(({ client_id }) => client_id), ids);
  assert.deepEqual(sent.map(({ message }) => message.client_id), ids);
  assert.deepEqual(seen.events.slice(1).map((event) => event.message.client_id), ids);
});

test('over cut connections and a killed server: once, in order', async () => {
  const own = await Server.start();
  closing.push(() => own.stop());
  const net = await network(own);
  const { client, room, outbox } = await writer(net);
  const other = (await client.request('POST', '/rooms', { name: 'Other' })).id;
  client.connect();
  for (const round of counted(1, 4)) {
    for (const text of words(10, `${round}.`)) {
      outbox.add(room, { text });
      outbox.add(other, { text });
    }
    await told(outbox, 'sent');
    net.cut();
    if (round % 2) {
      await own.down('SIGKILL');
      await own.up();
    }
  }
  await empty(outbox);
  const all = counted(1, 4).flatMap((round) => words(10, `${round}.`));
  assert.deepEqual([await texts(client, room), await texts(client, other)], [all, all]);
});

test('an acknowledgement that is lost makes nothing double', async () => {
  const net = await network();
  const { client, room, outbox } = await writer(net);
  const reader = tab(server, { storage: client.storage });
  closing.push(() => reader.close());
  const seen = new Told(reader.room(room));
  reader.room(room).subscribe({ offset: 0 });
  reader.connect();
  const swallowed = net.swallow((side) => side === 'server');
  const first = outbox.add(room, { text: '1' });
  outbox.add(room, { text: '2' });
  await Promise.all([swallowed, seen.until(2)]);
  assert.deepEqual(outbox.items(room).map((item) => item.state), ['sending', 'waiting']);
  const sent = told(outbox, 'sent');
  net.heal();
  net.cut();
  const { client_id, message } = await sent;
  assert.deepEqual([client_id, message.offset], [first.client_id, 2], 'it is the message of the first attempt');
  await empty(outbox);
  assert.deepEqual(await texts(client, room), ['1', '2']);
});

test('a reload in the middle of sending loses nothing, doubles nothing and keeps the order', async () => {
  const before = await writer();
  const { room } = before;
  // The page goes away while the server takes the message: nobody gets the answer.
  let took;
  const taken = new Promise((done) => { took = done; });
  const fetch = async (...args) => {
    await globalThis.fetch(...args);
    took();
    return new Promise(() => {});
  };
  const gone = reloaded(before, server, { fetch });
  for (const text of words(5)) gone.outbox.add(room, { text });
  await taken;
  const { client, outbox } = reloaded(before);
  assert.deepEqual(outbox.items(room).map((item) => item.draft.text), words(5));
  outbox.add(room, { text: '6' });
  await empty(outbox, room);
  assert.deepEqual(await texts(client, room), words(6));
});

test('what is written offline waits for the connection, and goes when it is there', async () => {
  const own = await Server.start();
  closing.push(() => own.stop());
  const first = await writer(own);
  await own.down('SIGKILL');
  const client = tab(own, { storage: first.client.storage });
  closing.push(() => client.close());
  const outbox = new Outbox(client, { storage: client.storage, delays: { min: 1e8, max: 1e8 } });
  client.connect();
  for (const text of words(3)) outbox.add(first.room, { text });
  await told(outbox, 'change', () => outbox.items(first.room)[0].state === 'waiting');
  await own.up();
  await online(client);
  await empty(outbox);
  assert.deepEqual(await texts(client, first.room), words(3));
});

test('what fails for good says why, blocks nothing, and can be sent again or dropped', async () => {
  const { client, room, outbox } = await writer();
  const [, wrong, , unknown] = [{ text: '1' }, { text: '' }, { text: '3' }, { text: '4', reply_to: 1000 }, { text: '5' }]
    .map((draft) => outbox.add(room, draft));
  await told(outbox, 'change', () => outbox.items(room).every((item) => item.state === 'failed'));
  assert.deepEqual(await texts(client, room), ['1', '3', '5']);
  const failed = outbox.items(room).map(({ client_id, error }) => [client_id, error.code, error.status]);
  assert.deepEqual(failed, [[wrong.client_id, 'text_empty', 422], [unknown.client_id, 'reply_to_unknown', 422]]);
  const later = reloaded({ client });
  assert.equal(later.outbox.items(room).length, 2, 'also after a reload');
  outbox.drop(wrong.client_id);
  assert.equal(outbox.items(room).length, 1);

  const left = await client.request('PATCH', `/rooms/${room}`, { read_only: true });
  assert.equal(left.read_only, true);
  const guest = await writer();
  const refused = guest.outbox.add(room, { text: '6' });
  await told(guest.outbox, 'change', () => guest.outbox.items(room)[0]?.state === 'failed');
  await client.request('PATCH', `/rooms/${room}`, { read_only: false });
  await guest.client.request('PUT', `/rooms/${room}/members/${guest.client.user.id}`);
  guest.outbox.retry(refused.client_id);
  await empty(guest.outbox, room);
  assert.deepEqual(await texts(client, room), ['1', '3', '5', '6']);
});

test('a room that is slow holds up no other', async () => {
  const { client, room, outbox } = await writer();
  const guest = await writer();
  await client.request('PATCH', `/rooms/${room}`, { slow_seconds: 3600 });
  await guest.client.request('PUT', `/rooms/${room}/members/${guest.client.user.id}`);
  guest.outbox.add(room, { text: '1' });
  const waiting = guest.outbox.add(room, { text: '2' });
  for (const text of words(3)) guest.outbox.add(guest.room, { text });
  await empty(guest.outbox, guest.room);
  assert.deepEqual(guest.outbox.items().map((item) => item.client_id), [waiting.client_id]);
  assert.equal(guest.outbox.items()[0].error, undefined, 'it waits');
  guest.outbox.drop(waiting.client_id);
  outbox.add(room, { text: 'the owner need not wait' });
  await empty(outbox, room);
});

test('what comes too fast waits as long as the server says, in order', async () => {
  const rates = { CHAT_LIMITS__RATES: 'on', CHAT_LIMITS__MESSAGES_BURST: '2', CHAT_LIMITS__MESSAGES_PER_MINUTE: '600' };
  const own = await Server.start(rates);
  closing.push(() => own.stop());
  const { client, room, outbox } = await writer(own);
  for (const text of words(5)) outbox.add(room, { text });
  await empty(outbox, room);
  assert.deepEqual(await texts(client, room), words(5));
});

test('answers of somebody else and errors of the server are waited out', async () => {
  const odd = [
    new Response('<h1>Welcome to our hotel', { status: 200 }),
    new Response('bad gateway', { status: 502 }),
    new Response('page not found', { status: 404 }),
    new Response(JSON.stringify({ code: 'unavailable' }), { status: 503 }),
  ];
  const first = await writer();
  const fetch = (...args) => odd.shift() ?? globalThis.fetch(...args);
  const { client, outbox } = reloaded(first, server, { fetch });
  for (const text of words(2)) outbox.add(first.room, { text });
  await empty(outbox);
  assert.deepEqual(await texts(client, first.room), words(2));
  assert.equal(odd.length, 0);
});

test('several tabs write at once: all arrives once, in the order in which it was written', async () => {
  for (const alone of [false, true]) {
    const storage = new Storage();
    const shared = tabLocks(null);
    let sends = 0;
    const fetch = (url, options) => {
      if (url.pathname.endsWith('/messages') && options.method === 'POST') sends += 1;
      return globalThis.fetch(url, options);
    };
    const options = () => ({ storage, fetch, locks: alone ? tabLocks(storage) : shared });
    const first = await writer(server, options());
    const { room } = first;
    const second = reloaded(first, server, options());
    for (const n of counted(1, 8)) (n % 2 ? first : second).outbox.add(room, { text: `${n}` });
    // The tab that sends the last one is told.
    await Promise.race([empty(first.outbox), empty(second.outbox)]);
    assert.deepEqual(await texts(first.client, room), words(8));
    assert.equal(sends, 8, 'one tab at a time');
  }
});

test('a tab that finds the first one stuck goes on after it, with the same message', async () => {
  const first = await writer();
  const { room } = first;
  const fetch = async () => { throw new TypeError('fetch failed'); };
  const stuck = reloaded(first, server, { fetch });
  stuck.outbox.add(room, { text: '1' });
  await told(stuck.outbox, 'change', () => stuck.outbox.items(room)[0].state === 'waiting');
  first.outbox.add(room, { text: '2' });
  await Promise.race([empty(first.outbox), empty(stuck.outbox)]);
  assert.deepEqual(await texts(first.client, room), ['1', '2']);
});

test('a storage that is full keeps it as long as the page', async () => {
  const { client, room } = await writer();
  const full = new Storage();
  full.setItem = () => { throw new Error('quota'); };
  const outbox = new Outbox(client, { storage: full, delays });
  for (const text of words(3)) outbox.add(room, { text });
  outbox.drop(outbox.add(room, { text: 'not this' }).client_id);
  assert.deepEqual(outbox.items(room).map((item) => item.draft.text), words(3));
  await empty(outbox);
  assert.deepEqual(await texts(client, room), words(3));
});

test('what somebody wrote is not sent by another who logs in on the same browser', async () => {
  const net = await network();
  const { client, room, outbox } = await writer(net);
  const other = await writer();
  const [name, pass] = [client.user.username, 'correct horse'];
  const swallowed = net.swallow((side) => side === 'client');
  outbox.add(room, { text: 'mine' });
  await swallowed;
  client.logOut();
  assert.throws(() => outbox.add(room, { text: 'nobody' }));
  net.heal();
  net.cut();
  await client.logIn(other.client.user.username, pass);
  assert.deepEqual(outbox.items(), []);
  outbox.add(other.room, { text: 'theirs' });
  await empty(outbox);
  await client.logIn(name, pass);
  assert.equal(outbox.items(room).length, 1);
  outbox.flush();
  await empty(outbox);
  const { items } = await client.request('GET', `/rooms/${room}/messages`);
  assert.deepEqual(items.map(({ text, sender }) => [text, sender.username]), [['mine', name]]);
});
