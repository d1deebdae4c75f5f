// A window of middling width: the rooms, and one thing beside them.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

scene('what is beside a conversation takes its place where there is no room for both', async (stage) => {
  const ann = await stage.signUp('ann', { viewport: { width: 900, height: 700 } });
  await ann.create('Tea room');
  await ann.say('hello');
  await ann.sees('hello');
  await ann.openThread('hello');
  await ann.log.waitFor({ state: 'hidden' });
  assert.ok(await ann.rooms.first().isVisible());
  const box = await ann.side.boundingBox();
  assert.ok(box.width >= 600, `the thread has the rest of the width: ${box.width}`);
  await ann.isAccessible('a thread');
  await ann.side.getByRole('link', { name: 'Back' }).click();
  await ann.log.waitFor();
  await ann.side.waitFor({ state: 'hidden' });
});

scene('on a very wide screen the buttons of a message are near to it', async (stage) => {
  const ann = await stage.signUp('ann', { viewport: { width: 1920, height: 900 } });
  await ann.create('Tea room');
  await ann.say('hello');
  await ann.sees('hello');
  await ann.message('hello').hover();
  const message = await ann.message('hello').boundingBox();
  const composer = await ann.page.locator('.composer').first().boundingBox();
  assert.ok(message.width <= 960 && composer.width <= 960);
  assert.ok(Math.abs(message.x - composer.x) < 12 && Math.abs(message.width - composer.width) < 24, 'one column');
});
