// Messages and logs that end, as a client that nobody here wrote sees it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Inbox, Server, next } from './server.js';

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

test('a message expires for those who are there, and for one who comes back', async () => {
  const ann = await server.user('ann');
  await ann.room('tea');
  const [there, away] = [await ann.open('tea'), await ann.open('tea')];
  const { offset } = await there.rpc('message.send', { text: 'Gone in a moment', expires_in: 5 });
  await away.inbox.until(1);
  away.client.disconnect();

  await there.inbox.until(2);
  const ended = there.inbox.items[1].data;
  assert.deepEqual([ended.type, ended.message.offset, ended.message.text], ['message.deleted', offset, '']);
  const back = next(away.subscription, 'subscribed');
  away.client.connect();
  assert.equal((await back).recovered, true);
  await away.inbox.until(2);
  assert.deepEqual(away.inbox.items[1].data, ended);
  assert.deepEqual(away.inbox.offsets(), there.inbox.offsets());
  const { items } = await away.rpc('message.list', {});
  assert.deepEqual(items.map((message) => [message.text, message.deleted_at]), [['', ended.message.deleted_at]]);
});

test('one whose position is no longer kept is told so, and goes on from there', async () => {
  const ben = await server.user('ben');
  await ben.room('attic');
  const { client, inbox, rpc } = await ben.open('attic');
  await rpc('message.send', { text: 'one' });
  const last = await rpc('message.send', { text: 'two' });
  await inbox.until(2);
  client.disconnect();
  // A position in the middle of what is removed.
  const since = { offset: inbox.items[0].offset, epoch: '' };

  await new Promise((passed) => { setTimeout(passed, Date.parse(last.created_at) + 1100 - Date.now()); });
  await server.down('SIGTERM');
  server.env.CHAT_MESSAGES__RETENTION_SECONDS = '1';
  await server.up();
  const room = async () => (await ben.call('GET', '/rooms/attic')).body;
  while ((await room()).first !== last.offset + 1) { /* It is removed at the start, beside what is served. */ }

  const gone = await ben.call('GET', '/rooms/attic/events?after=1');
  assert.deepEqual([gone.status, gone.body.code], [410, 'events_gone']);
  const later = ben.client();
  const again = later.newSubscription('room:attic', { since });
  const news = new Inbox(again);
  const subscribed = next(again, 'subscribed');
  again.subscribe();
  later.connect();
  const { wasRecovering, recovered } = await subscribed;
  assert.deepEqual([wasRecovering, recovered], [true, false]);
  const sent = await again.publish({ text: 'three' }).then(() => news.until(1)).then(() => news.items[0]);
  assert.deepEqual([sent.offset, sent.data.message.text], [last.offset + 1, 'three']);
});
