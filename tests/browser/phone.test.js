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

scene('lists of one\'s own and of a room fit a phone', async (stage) => {
  const { server } = stage;
  const ann = await stage.visitor('ann', phone);
  await ann.signUp();
  const token = await ann.token();
  const long = 'A long sentence that needs more than a line of a phone, and a wordwithoutanyplacetobreakitthatislongerthanthat. '.repeat(3);
  await server.call('POST', '/rooms', { token, body: { id: 'tea', name: 'A room with quite a long name, longer than a phone is wide' } });
  const { offset } = await server.call('POST', '/rooms/tea/messages', { token, body: { text: long } });
  await server.call('PUT', `/bookmarks/tea/${offset}`, { token, body: { note: long.slice(0, 400) } });
  await server.call('POST', '/rooms/tea/messages', { token, body: { text: 'an answer', reply_to: offset } });
  await server.call('POST', '/rooms/tea/scheduled', { token, body: { text: long, send_at: new Date(Date.now() + 86_400_000).toISOString() } });
  const ben = await server.account('ben', { display_name: 'Somebody with a name that is quite as long as names may be here' });
  await server.call('PUT', `/rooms/tea/members/${ben.id}`, { token: ben.token });
  await server.call('POST', `/rooms/tea/messages/${offset}/reports`, { token: ben.token, body: { reason: long.slice(0, 300) } });
  await server.call('PUT', `/rooms/tea/bans/${ben.id}`, { token, body: { seconds: 86_400, reason: long.slice(0, 300) } });
  for (const page of ['bookmarks', 'threads', 'scheduled']) {
    await ann.at(`#/${page}`);
    await ann.page.getByRole('main').getByText('A long sentence').first().waitFor();
    await fits(ann, page);
  }
  await ann.at('#/room/tea');
  await ann.log.getByText('banned').waitFor();
  await ann.composer.fill('to be sent later');
  await ann.page.getByRole('button', { name: 'Send later' }).tap();
  await fits(ann, 'when to send');
  await ann.at('#/room/tea/members');
  await ann.side.getByText(/^Until/).waitFor();
  await fits(ann, 'members and bans');
  await ann.at('#/room/tea/details');
  await ann.side.getByRole('button', { name: 'Reports' }).tap();
  await ann.page.getByRole('dialog').getByText('Reported by').waitFor();
  await fits(ann, 'reports');
});
