// Moderation and search through a client that nobody here wrote.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, next } from './server.js';

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

// The stable word at the beginning of an error's message.
const refused = (word) => ({ message }) => message.startsWith(word);

test('moderators filter words, settle reports and ban', async () => {
  const [ann, ben] = [await server.user('ann'), await server.user('ben')];
  await ann.room('market');
  await ben.call('PUT', `/rooms/market/members/${ben.id}`, {});
  const [moderator, member] = [await ann.open('market'), await ben.open('market')];

  await moderator.rpc('filter.set', { action: 'mask', words: ['umbrella*'] });
  const sent = await member.rpc('message.send', { text: 'Umbrellas, cheap!' });
  assert.equal(sent.text, '*********, cheap!');
  await moderator.inbox.until(2);
  assert.deepEqual(moderator.inbox.texts(), ['*********, cheap!']);
  await moderator.rpc('filter.set', { action: 'refuse', words: ['umbrella*'] });
  await assert.rejects(member.subscription.publish({ text: 'umbrella' }), refused('text_refused'));

  const shout = await moderator.rpc('message.send', { text: 'No umbrellas here' });
  await member.rpc('report.add', { offset: shout.offset, reason: 'rude' });
  await assert.rejects(member.rpc('report.list', {}), refused('forbidden'));
  const { items } = await moderator.rpc('report.list', {});
  assert.deepEqual(items.map(({ report, message }) => [report.reason, report.reporter.id, message.offset]),
    [['rude', ben.id, shout.offset]]);
  assert.deepEqual(await moderator.rpc('report.settle', { offset: shout.offset, verdict: 'dismissed' }), { settled: 1 });

  const ended = next(member.subscription, 'unsubscribed');
  await moderator.rpc('ban.add', { user: ben.id, seconds: 3600 });
  await ended;
  await assert.rejects(member.rpc('room.join', {}), refused('banned'));
  const acts = (await moderator.rpc('audit.list', {})).items.map((act) => act.type);
  assert.deepEqual(acts, ['member.banned', 'member.left', 'room.changed', 'room.changed']);
});

test('what is acknowledged is found, and what is deleted is not', async () => {
  const cid = await server.user('cid');
  await cid.room('attic');
  const { rpc } = await cid.open('attic');
  const { offset } = await rpc('message.send', { text: 'An old kettle' });
  const found = async () => (await rpc('message.search', { q: 'KETTLE' })).items.map((one) => one.highlights);
  assert.deepEqual(await found(), [[[7, 13]]]);
  await rpc('message.delete', { offset });
  assert.deepEqual(await found(), []);
});
