// What happens in a room besides messages stands in its conversation, in its place.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

/** All rows of the conversation, in order, without the marks around names. */
async function rows(person) {
  const texts = await person.log.locator('.told, article [data-text]').allInnerTexts();
  return texts.map((text) => text.replace(/[\u2068\u2069]/g, ''));
}

scene('who comes and goes and what is changed is told, live and afterwards', async (stage) => {
  const { server } = stage;
  const cid = await server.account('cid');
  const dan = await server.account('dan', { display_name: 'Dan' });
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const room = await ann.room();
  const token = await ann.token();
  const call = (method, path, body, who = token) => server.call(method, `/rooms/${room}${path}`, { token: who, body });
  await ann.say('one');
  await ann.sees('one');
  const ben = await stage.signUp('ben');
  await ben.join('Tea room');
  await call('PUT', `/members/${cid.id}`, undefined, cid.token);
  await call('PUT', `/members/${dan.id}`, {});
  await ben.say('two');
  await ann.sees('two');
  await call('PATCH', '', { name: 'Coffee room' });
  await call('PATCH', '', { topic: 'Beans' });
  await call('PATCH', '', { slow_seconds: 5 });
  await call('PUT', `/pins/${await ann.kept('one').getAttribute('data-offset')}`);
  await call('DELETE', `/members/${dan.id}`);
  await call('PUT', `/bans/${cid.id}`, {});
  await call('DELETE', `/bans/${cid.id}`);
  await ann.say('three');
  await ben.sees('three');
  const told = ['ann created the room', 'one', 'ben and cid joined', 'ann added Dan', 'two', 'ann renamed the room “Coffee room”', 'ann set the topic: Beans',
    'ann changed the room', 'ann pinned a message', 'ann removed Dan', 'ann banned cid', 'ann lifted the ban of cid', 'three'];
  assert.deepEqual(await rows(ann), told);
  await ann.isAccessible('told');
  await ann.log.getByRole('link', { name: /pinned a message/ }).click();
  await ann.log.locator('.flash').getByText('one').waitFor();

  // Who comes later reads the same, but for what the name had been.
  await ann.page.reload();
  await ann.sees('three');
  await ann.log.getByText('lifted the ban').waitFor();
  assert.deepEqual(await rows(ann), told.map((text) => text.replace('renamed the room “Coffee room”', 'changed the room')));
});

scene('a conversation of two has no such lines', async (stage) => {
  const { server } = stage;
  const ben = await server.account('ben');
  const ann = await stage.signUp('ann');
  const direct = await server.call('POST', '/direct', { token: ben.token, body: { users: [await ann.id()] } });
  await server.send(ben.token, direct.id, ['Hello']);
  await ann.open('ben');
  await ann.sees('Hello');
  assert.deepEqual(await rows(ann), ['Hello']);
});
