// What does not work says why, in words, and nothing that was written is lost.

import assert from 'node:assert/strict';
import { scene } from './harness.js';
import { png } from './pictures.js';

const LITTLE = { CHAT_FILES__MAX_BYTES: '2000', CHAT_FILES__IMAGE_PIXELS: '100', CHAT_FILES__DENY: 'text/html' };

/** What is said in each language. */
const SAID = {
  'en-GB': { size: 'The file is too large.', pixels: 'The picture has too many pixels.', type: 'Files of this type are not taken.', remove: 'Remove' },
  'de-DE': { size: 'Die Datei ist zu groß.', pixels: 'Das Bild hat zu viele Pixel.', type: 'Dateien dieser Art werden nicht angenommen.', remove: 'entfernen' },
};

for (const [locale, said] of Object.entries(SAID)) {
  scene(`files that are refused say why, and the rest goes (${locale})`, async (stage) => {
    const { server } = stage;
    const owner = await server.account('owner');
    await server.call('POST', '/rooms', { token: owner.token, body: { id: 'tea', name: 'Tea room' } });
    const me = await server.account('ann');
    await server.call('PUT', `/rooms/tea/members/${me.id}`, { token: me.token });
    // The log-in is found by its kind: the words are of another language.
    const ann = await stage.visitor('ann', { locale });
    await ann.page.getByRole('tab').first().click();
    await ann.page.locator('input[name=login]').fill('ann');
    await ann.page.locator('input[name=password]').fill('correct horse battery');
    await ann.page.keyboard.press('Enter');
    await ann.connection('online');
    await ann.at('#/room/tea');
    const area = ann.page.getByRole('main').locator('textarea');
    await area.waitFor();
    await ann.attach({ name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(3000, 7) });
    await ann.page.getByText(said.size).waitFor();
    await ann.attach({ name: 'wide.png', mimeType: 'image/png', buffer: png(20, 20, () => [160, 90, 40]) });
    await ann.page.getByText(said.pixels).waitFor();
    await ann.attach({ name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<!doctype html><html><title>x</title></html>') });
    await ann.page.getByText(said.type).waitFor();
    await ann.attach({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') });
    await area.fill('with a note');
    await ann.isAccessible('refused files');
    await area.press('Enter');
    await ann.page.getByText('note.txt').and(ann.page.locator('article *')).first().waitFor();
    assert.equal(await ann.page.getByRole('button', { name: new RegExp(said.remove) }).count(), 3, 'those that were refused are there, to be seen');
    await ann.at('#/browse');
    ann.expected(/413/);
    ann.expected(/422/);
    ann.expected(/415/);
  }, { env: LITTLE });
}

scene('who is logged out elsewhere while writing is told, and goes on writing', async (stage) => {
  const { server } = stage;
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  await ann.say('before');
  await ann.sees('before');
  await ann.composer.fill('half a sent');
  const token = await ann.token();
  const { items } = await server.call('GET', '/sessions', { token });
  for (const one of items) if (!one.current) await server.call('DELETE', `/sessions/${one.id}`, { token });
  await ann.page.getByText('Your session has ended. Please log in again: what you wrote is still there.').waitFor();
  await ann.logIn();
  await ann.isOpen('Tea room');
  await ann.sees('before');
  assert.equal(await ann.composer.inputValue(), 'half a sent');
  ann.complaints = ann.complaints.filter((one) => !/401/.test(one));
});

scene('a room that is deleted while one is in it says so', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const room = await ann.room();
  const ben = await stage.signUp('ben');
  await ben.join('Tea room');
  await ben.composer.fill('I just wanted to');
  // Somebody who only looks at it.
  const cid = await stage.signUp('cid');
  await cid.at(`#/room/${room}`);
  await cid.page.getByRole('main').getByRole('button', { name: 'Join' }).waitFor();
  await ann.beside('Details');
  await ann.side.getByRole('button', { name: 'Delete the room' }).click();
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete the room' }).click();
  await ben.told('Tea room was deleted.');
  await ben.page.getByRole('heading', { name: 'Welcome, ben' }).waitFor();
  assert.equal(await ben.rooms.count(), 0);
  await cid.page.getByText('This room was deleted.').waitFor();
  assert.equal(await cid.page.getByRole('button', { name: 'Try again' }).count(), 0);
  await ann.page.getByRole('heading', { name: 'Welcome, ann' }).waitFor();
});
