// A phone: one thing at a time, nothing wider than the screen, and nothing too small for a finger.

import assert from 'node:assert/strict';
import { PHONE, scene } from './harness.js';
import { png } from './pictures.js';

const phone = { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** That nobody has to scroll sideways, and that what is pressed is in the screen. */
async function fits(person, where) {
  const { wide, outside } = await person.page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    outside: [...document.querySelectorAll('button, a, input, textarea, select, img')].filter((one) => {
      const box = one.getBoundingClientRect();
      return one.checkVisibility() && box.width > 0 && (box.left < -1 || box.right > innerWidth + 1);
    }).map((one) => one.outerHTML.slice(0, 120)),
  }));
  assert.deepEqual({ wide, outside }, { wide: 0, outside: [] }, where);
}

scene('a phone shows the rooms, then a room, then what is beside it', async (stage) => {
  const { server } = stage;
  const owner = await server.account('owner');
  await server.call('POST', '/rooms', { token: owner.token, body: { id: 'tea', name: 'A room with quite a long name, longer than a phone is wide' } });
  await server.send(owner.token, 'tea', ['x'.repeat(500), 'https://example.org/' + 'y'.repeat(300), '```\n' + 'code '.repeat(60) + '\n```', 'W '.repeat(300)]);
  const ann = await stage.visitor('ann', phone);
  await fits(ann, 'entry');
  await ann.signUp();
  await fits(ann, 'home');
  await ann.at('#/browse');
  await ann.page.getByRole('button', { name: /^Join / }).waitFor();
  await fits(ann, 'browse');
  await ann.page.getByRole('button', { name: /^Join / }).tap();
  await ann.sees('W W W');
  await fits(ann, 'room');
  await ann.say('from a phone');
  await ann.sees('from a phone');
  await ann.attach({ name: 'wide.png', mimeType: 'image/png', buffer: png(900, 300, (x) => [x % 256, 120, 90]) });
  await ann.composer.fill('and a picture');
  await ann.page.getByRole('button', { name: 'Send', exact: true }).tap();
  await ann.kept('and a picture').getByRole('img', { name: 'wide.png' }).waitFor();
  await fits(ann, 'picture');

  // A tap brings up what can be done with a message.
  await ann.kept('from a phone').getByText('from a phone').tap();
  await ann.kept('from a phone').getByRole('button', { name: 'Open thread' }).tap();
  await ann.thread.getByText('from a phone').waitFor();
  await fits(ann, 'thread');
  await ann.reply('and in a thread');
  await ann.kept('and in a thread', ann.thread).waitFor();
  await ann.side.getByRole('link', { name: 'Back' }).tap();
  await ann.composer.waitFor();
  await ann.page.getByRole('main').getByRole('link', { name: 'Back' }).tap();
  await ann.rooms.first().waitFor();
  await fits(ann, 'rooms');
  await ann.rooms.first().tap();
  await ann.sees('from a phone');
});
