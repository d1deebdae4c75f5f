// What a client that nobody here wrote makes of the server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, next } from './server.js';

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

const counted = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('two clients chat, both see the same messages in the same order', async () => {
  const [ann, ben] = [await server.user('ann'), await server.user('ben')];
  await ann.room('tea');
  await ben.call('PUT', `/rooms/tea/members/${ben.id}`, {});
  const [a, b] = [await ann.open('tea'), await ben.open('tea')];
  await Promise.all(counted(1, 50).flatMap((n) => [
    a.subscription.publish({ text: `a${n}` }),
    b.subscription.publish({ text: `b${n}` }),
  ]));
  await Promise.all([a.inbox.until(100), b.inbox.until(100)]);
  assert.deepEqual(a.inbox.texts(), b.inbox.texts());
  assert.deepEqual(a.inbox.offsets(), counted(3, 102));
  assert.deepEqual(a.inbox.texts().filter((text) => text.startsWith('a')), counted(1, 50).map((n) => `a${n}`));
  const message = a.inbox.items[0].data.message;
  assert.equal(message.sender.username, message.text.startsWith('a') ? 'ann' : 'ben');
  assert.equal(message.room, 'tea');
});

test('a cut connection recovers what it missed, once and in order', async () => {
  const cat = await server.user('cat');
  await cat.room('cuts');
  const [reader, writer] = [await cat.open('cuts'), await cat.open('cuts')];
  for (let round = 0; round < 5; round += 1) {
    const back = next(reader.subscription, 'subscribed');
    reader.client.cut();
    await Promise.all(counted(1, 20).map((n) => writer.subscription.publish({ text: `${round}.${n}` })));
    const context = await back;
    assert.equal(context.wasRecovering, true);
    assert.equal(context.recovered, true);
    await reader.inbox.until((round + 1) * 20);
  }
  assert.deepEqual(reader.inbox.offsets(), counted(2, 101));
});

test('the server is killed and started again between, and nothing is lost or doubled', async () => {
  const own = await Server.start();
  try {
    const dan = await own.user('dan');
    await dan.room('kill');
    const reader = await dan.open('kill');
    const acknowledged = [];
    for (let round = 0; round < 3; round += 1) {
      for (const n of counted(1, 10)) {
        const text = `${round}.${n}`;
        const sent = await dan.call('POST', '/rooms/kill/messages', { text, client_id: text });
        assert.equal(sent.status, 201);
        acknowledged.push(text);
      }
      const back = next(reader.subscription, 'subscribed');
      await own.down('SIGKILL');
      await own.up();
      assert.equal((await back).recovered, true);
      // The answer to the last send might have been lost: the repetition is the same message.
      const again = await dan.call('POST', '/rooms/kill/messages', { text: 'again', client_id: acknowledged.at(-1) });
      assert.equal(again.body.text, acknowledged.at(-1));
    }
    await reader.inbox.until(30);
    assert.deepEqual(reader.inbox.texts(), acknowledged);
    const history = await dan.call('GET', '/rooms/kill/messages?limit=100');
    assert.deepEqual(history.body.items.map((message) => message.text), acknowledged);
    reader.client.disconnect();
  } finally {
    await own.stop();
  }
});

test('an orderly stop closes with 3001, exits with 0, and clients come back', async () => {
  const own = await Server.start();
  try {
    const eve = await own.user('eve');
    await eve.room('stop');
    const reader = await eve.open('stop');
    const connecting = next(reader.client, 'connecting');
    assert.equal(await own.down('SIGTERM'), 0);
    const context = await connecting;
    assert.equal(context.code, 3001);
    const connected = next(reader.client, 'connected');
    await own.up();
    await connected;
    reader.client.disconnect();
  } finally {
    await own.stop();
  }
});

test('history is paged in both directions', async () => {
  const fay = await server.user('fay');
  await fay.room('pages');
  const { subscription, subscribed } = await fay.open('pages');
  for (const n of counted(1, 10)) await subscription.publish({ text: `${n}` });
  const epoch = subscribed.streamPosition.epoch;
  const forward = await subscription.history({ limit: 3, since: { offset: 2, epoch } });
  assert.deepEqual(forward.publications.map((item) => item.offset), [3, 4, 5]);
  assert.equal(forward.offset, 11);
  const reverse = await subscription.history({ limit: 3, reverse: true });
  assert.deepEqual(reverse.publications.map((item) => item.offset), [11, 10, 9]);
  const before5 = await subscription.history({ limit: 3, reverse: true, since: { offset: 5, epoch } });
  assert.deepEqual(before5.publications.map((item) => item.offset), [4, 3, 2]);
  const top = await subscription.history({ limit: 0 });
  assert.deepEqual(top.publications, []);
  await assert.rejects(subscription.history({ limit: 1, since: { offset: 1, epoch: 'another' } }), { code: 112 });
});

test('presence, joins and leaves', async () => {
  const [gus, hal] = [await server.user('gus'), await server.user('hal')];
  await gus.room('here');
  const client = gus.client();
  const subscription = client.newSubscription('room:here', { joinLeave: true });
  const joins = [];
  subscription.on('join', ({ info }) => joins.push(info.user));
  const own = next(subscription, 'join');
  subscription.subscribe();
  client.connect();
  await own;
  const joined = next(subscription, 'join');
  const other = await hal.open('here');
  await joined;
  assert.deepEqual(joins, [gus.id, hal.id]);
  const { clients: present } = await subscription.presence();
  assert.deepEqual(Object.values(present).map((info) => info.user).sort(), [gus.id, hal.id].sort());
  assert.deepEqual(await subscription.presenceStats(), { numClients: 2, numUsers: 2 });
  const left = next(subscription, 'leave');
  other.subscription.unsubscribe();
  assert.equal((await left).info.user, hal.id);
});

test('rpc runs the calls of the HTTP API', async () => {
  const ida = await server.user('ida');
  const client = ida.client();
  client.connect();
  const made = await client.rpc('room.create', { id: 'rpc', name: 'By rpc' });
  assert.equal(made.data.id, 'rpc');
  const sent = await client.rpc('message.send', { room: 'rpc', text: 'hello', client_id: 'x' });
  const again = await client.rpc('message.send', { room: 'rpc', text: 'other', client_id: 'x' });
  assert.deepEqual(again.data, sent.data);
  await assert.rejects(client.rpc('no.such', {}), { code: 104 });
  await assert.rejects(client.rpc('message.send', { room: 'rpc', text: '' }), (error) => {
    assert.equal(error.code, 107);
    assert.match(error.message, /text_empty/);
    return true;
  });
  await assert.rejects(client.publish('room:nowhere', { text: 'x' }), { code: 102 });
});

test('who is removed is told at once and cannot come back', async () => {
  const [joe, kim] = [await server.user('joe'), await server.user('kim')];
  await joe.room('closed', 'private');
  const stranger = kim.client();
  const refused = stranger.newSubscription('room:closed');
  const gone = next(refused, 'unsubscribed');
  refused.subscribe();
  stranger.connect();
  assert.equal((await gone).code, 102);

  // The news come after the answer: a connection that is opened before they do would be told them too.
  const toldStranger = next(stranger, 'publication');
  await joe.call('PUT', `/rooms/closed/members/${kim.id}`, { role: 'member' });
  assert.equal((await toldStranger).data.type, 'room.added');
  const member = await kim.open('closed');
  const removed = next(member.subscription, 'unsubscribed');
  const toldUser = next(member.client, 'publication');
  await joe.call('DELETE', `/rooms/closed/members/${kim.id}`);
  assert.equal((await removed).code, 2000);
  assert.deepEqual((await toldUser).data, { type: 'room.removed', room: 'closed' });
});

test('a bad token ends the connection for good, an ended session too', async () => {
  const lea = await server.user('lea');
  const forged = lea.client({ token: `${lea.token}x` });
  const disconnected = next(forged, 'disconnected');
  forged.connect();
  assert.equal((await disconnected).code, 3500);

  const client = lea.client();
  const connected = next(client, 'connected');
  client.connect();
  await connected;
  const ended = next(client, 'disconnected');
  assert.equal((await lea.call('DELETE', '/sessions/current')).status, 204);
  assert.ok((await ended).code >= 3500);
});
