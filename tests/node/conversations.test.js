// Conversations through a client that nobody here wrote: one that was cut off ends where one is that stayed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, next } from './server.js';

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

// What a client keeps of a room, as docs/conversations.md says.
function fold(events) {
  const [messages, reactions, threads, pins] = [{}, {}, {}, new Set()];
  for (const event of events) {
    if (event.message) {
      const { thread, ...message } = event.message;
      messages[message.offset] = message;
      if (thread) threads[thread.root] = thread;
      if (message.deleted_at) delete reactions[message.offset];
      if (message.deleted_at) pins.delete(message.offset);
    } else if (event.type === 'message.pinned') {
      if (!messages[event.target].deleted_at) pins.add(event.target);
    } else if (event.type === 'message.unpinned') {
      pins.delete(event.target);
    } else if (event.type.startsWith('reaction.') && !messages[event.target].deleted_at) {
      const known = reactions[event.target] ??= {};
      known[event.reaction] = event.count;
      if (event.count === 0) delete known[event.reaction];
    }
  }
  return { messages, reactions, threads, pins };
}

test('who was cut off while others talked ends where those are who stayed', async () => {
  const [ann, ben] = [await server.user('ann'), await server.user('ben')];
  await ann.room('tea');
  await ben.call('PUT', `/rooms/tea/members/${ben.id}`, {});
  const [stayed, away] = [await ann.open('tea'), await ann.open('tea')];
  const rpc = async (method, data) => (await stayed.client.rpc(method, { room: 'tea', ...data })).data;

  const first = await rpc('message.send', { text: 'Is it redy?' });
  const second = await rpc('message.send', { text: 'secret' });
  await Promise.all([stayed.inbox.until(2), away.inbox.until(2)]);

  const back = next(away.subscription, 'subscribed');
  away.client.disconnect();
  const edited = await rpc('message.edit', { offset: first.offset, text: 'Is it ready?' });
  assert.equal(edited.text, 'Is it ready?');
  await rpc('reaction.add', { offset: first.offset, reaction: '👍' });
  const http = await ben.call('PUT', `/rooms/tea/messages/${first.offset}/reactions/${encodeURIComponent('👍')}`);
  assert.deepEqual(http.body, { reaction: '👍', count: 2, mine: true });
  await rpc('reaction.remove', { offset: first.offset, reaction: '👍' });
  await rpc('reaction.add', { offset: second.offset, reaction: ':x:' });
  const reply = await rpc('message.send', { text: 'Two minutes', reply_to: first.offset });
  const again = await rpc('message.send', { text: 'With milk', reply_to: reply.offset });
  assert.deepEqual(again.thread, { root: first.offset, replies: 2, last_reply: again.offset });
  for (const { offset } of [first, reply, again]) await rpc('pin.add', { offset });
  await rpc('pin.remove', { offset: again.offset });
  await rpc('message.delete', { offset: reply.offset });
  await rpc('message.delete', { offset: second.offset });
  await stayed.inbox.until(15);
  away.client.connect();
  assert.equal((await back).recovered, true);
  await away.inbox.until(15);

  const events = (one) => one.inbox.items.map((item) => item.data);
  assert.deepEqual(away.inbox.offsets(), stayed.inbox.offsets());
  assert.deepEqual(fold(events(away)), fold(events(stayed)));
  const missed = JSON.stringify(events(away).slice(2));
  assert.ok(!missed.includes('secret') && !missed.includes('redy'), 'what is gone is told nobody any more');

  // And both where one is who only comes now.
  const { items } = await rpc('message.list', {});
  const { messages, reactions, threads, pins } = fold(events(stayed));
  assert.deepEqual((await rpc('pin.list', {})).items.map((pin) => pin.message.offset), [...pins]);
  for (const { thread, reactions: counts = [], ...message } of items) {
    assert.deepEqual(messages[message.offset], message);
    assert.deepEqual(thread, threads[thread?.root]);
    assert.deepEqual(Object.fromEntries(counts.map((one) => [one.reaction, one.count])), reactions[message.offset] ?? {});
  }
});

test('a room that is read on one device is read on the others', async () => {
  const [eve, fay] = [await server.user('eve'), await server.user('fay')];
  await eve.room('reads');
  await fay.call('PUT', `/rooms/reads/members/${fay.id}`, {});
  const [phone, desk] = [await fay.open('reads'), await fay.open('reads')];
  const sent = await eve.call('POST', '/rooms/reads/messages', { text: `hi @${fay.name}` });
  const unread = async () => {
    const { unread, mentions } = (await desk.client.rpc('inbox.list', {})).data.items[0];
    return [unread, mentions];
  };
  assert.deepEqual(await unread(), [1, 1]);
  const told = next(desk.client, 'publication');
  await phone.client.rpc('read.mark', { room: 'reads', offset: sent.body.offset });
  assert.deepEqual((await told).data, { type: 'read.marked', room: 'reads', offset: sent.body.offset, unread: 0, mentions: 0 });
  assert.deepEqual(await unread(), [0, 0]);
});

test('what is bookmarked on one device is told the others', async () => {
  const ida = await server.user('ida');
  await ida.room('shelf');
  const [phone, desk] = [await ida.open('shelf'), await ida.open('shelf')];
  const { offset } = (await phone.client.rpc('message.send', { room: 'shelf', text: 'Cups' })).data;
  let told = next(desk.client, 'publication');
  await phone.client.rpc('bookmark.add', { room: 'shelf', offset, note: 'which?' });
  assert.deepEqual((await told).data, { type: 'bookmark.added', room: 'shelf', offset });
  const { items } = (await desk.client.rpc('bookmark.list', {})).data;
  assert.deepEqual(items.map((one) => [one.message.text, one.note]), [['Cups', 'which?']]);
  told = next(desk.client, 'publication');
  await phone.client.rpc('bookmark.remove', { room: 'shelf', offset });
  assert.deepEqual((await told).data, { type: 'bookmark.removed', room: 'shelf', offset });
});

test('a message is sent later, and its author told', async () => {
  const jon = await server.user('jon');
  await jon.room('later');
  const { client, inbox } = await jon.open('later');
  const changes = [];
  client.on('publication', ({ data }) => changes.push(data.type));
  const send_at = new Date(Date.now() + 500).toISOString();
  const { id } = (await client.rpc('scheduled.add', { room: 'later', text: 'now', send_at })).data;
  const changed = (await client.rpc('scheduled.change', { id, text: 'then' })).data;
  assert.deepEqual([changed.id, changed.text], [id, 'then']);
  assert.equal((await client.rpc('scheduled.list', {})).data.items.length, 1);
  await inbox.until(1);
  assert.equal(inbox.items[0].data.message.text, 'then');
  assert.ok(changes.includes('scheduled.changed'));
});

test('those who have a room open are told who writes and who reads', async () => {
  const [gus, hal] = [await server.user('gus'), await server.user('hal')];
  await gus.room('typing');
  await hal.call('PUT', `/rooms/typing/members/${hal.id}`, {});
  const one = await gus.open('typing');
  const told = [];
  const all = new Promise((done) => one.subscription.on('publication', ({ data, offset }) => {
    if (!offset && told.push(data.type) === 3) done();
  }));
  const two = await hal.open('typing');
  await two.client.rpc('typing.start', { room: 'typing' });
  await hal.call('DELETE', '/rooms/typing/typing');
  const sent = (await gus.call('POST', '/rooms/typing/messages', { text: 'hi' })).body.offset;
  await two.client.rpc('read.mark', { room: 'typing', offset: sent });
  await all;
  assert.deepEqual(told, ['typing.started', 'typing.stopped', 'read.moved']);
});
