// Who is away goes on writing.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

scene('what was written without a network is sent once, in order, also after a reload', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  await ann.say('before');
  await ann.sees('before');

  await stage.server.kill();
  await ann.connection('offline');
  const written = Array.from({ length: 5 }, (_, n) => `written ${n}`);
  for (const text of written) await ann.say(text);
  // All of them wait, and are there to be seen.
  await ann.message('written 4').waitFor();
  // It says why once, under the last.
  assert.equal(await ann.log.getByText('Waiting for a connection').count(), 1);
  await ann.message('written 4').getByText('Waiting for a connection').waitFor();
  assert.equal(await ann.kept('written').count(), 0);

  // The page is left with all of it, and comes back in two windows at once, of which neither sends anything again.
  await ann.page.goto('about:blank');
  await stage.server.up();
  const beside = await ann.page.context().newPage();
  await Promise.all([beside.goto(stage.server.url), ann.page.goto(stage.server.url)]);
  await ann.isIn();
  await ann.open('Tea room');
  await ann.sees('written 4');

  const token = await ann.token();
  const { id } = (await stage.server.call('GET', '/rooms?mine=true', { token })).items[0];
  assert.deepEqual(await stage.server.texts(token, id), ['before', ...written]);
  assert.deepEqual(await ann.texts(), ['before', ...written]);
});

scene('a message that the server refuses shows so, and goes when it may', async (stage) => {
  const { server } = stage;
  const ann = await stage.signUp('ann');
  const owner = await server.account('owner');
  await server.call('POST', '/rooms', { token: owner.token, body: { id: 'hall', name: 'Hall' } });
  await ann.join('Hall');
  await server.call('PATCH', '/rooms/hall', { token: owner.token, body: { read_only: true } });
  // A page that has not heard of it yet sends, and is refused; one that has does not let one write.
  const closed = ann.page.getByText(/only moderators|read.only/i).first();
  await closed.waitFor();
  await server.call('PATCH', '/rooms/hall', { token: owner.token, body: { read_only: false } });
  await ann.composer.waitFor();
  await server.call('PUT', '/rooms/hall/filter', { token: owner.token, body: { action: 'refuse', words: ['coffee'] } });
  await ann.say('coffee?');
  const failed = ann.message('coffee?');
  const again = failed.getByRole('button', { name: 'Try again' });
  await again.waitFor();
  await ann.say('tea!');
  await ann.sees('tea!');
  await server.call('DELETE', '/rooms/hall/filter', { token: owner.token });
  await again.click();
  await ann.sees('coffee?');
  assert.deepEqual(await server.texts(owner.token, 'hall'), ['tea!', 'coffee?']);
  ann.expected(/status of 422/);
});
