// What is new is told where one looks, until one has seen it, on all devices.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

scene('what came meanwhile is counted, has a line above it, and is read when it was seen', async (stage) => {
  const { server } = stage;
  const ann = await server.account('ann');
  await server.call('POST', '/rooms', { token: ann.token, body: { id: 'tea', name: 'Tea room' } });
  await server.send(ann.token, 'tea', ['before']);
  const ben = await stage.signUp('ben');
  await ben.join('Tea room');
  await ben.sees('before');
  await ben.create('Garden');
  await server.send(ann.token, 'tea', ['one', 'two', '@ben three']);
  const tea = ben.rooms.filter({ hasText: 'Tea room' });
  await tea.getByLabel('3 unread messages').waitFor();
  await tea.getByLabel('1 mention').waitFor();
  await ben.page.waitForFunction(() => document.title.startsWith('(1) '));

  await ben.open('Tea room');
  await ben.log.getByRole('separator', { name: 'New' }).waitFor();
  assert.deepEqual(await ben.texts(), ['before', 'one', 'two', '@ben three']);
  await tea.getByLabel('3 unread messages').waitFor({ state: 'detached' });
  await ben.page.waitForFunction(() => !document.title.startsWith('('));
  const token = await ben.token();
  const { items } = await server.call('GET', '/inbox', { token });
  assert.equal(items.find((item) => item.room.id === 'tea').unread, 0, 'the server knows it');

  // Another device knows it, too.
  const other = await stage.logIn('ben');
  await other.rooms.filter({ hasText: 'Tea room' }).waitFor();
  assert.equal(await other.rooms.getByLabel(/unread/).count(), 0);
});

scene('files are dropped and pasted, and seen on their way', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  for (const way of ['paste', 'drop']) {
    await ann.composer.evaluate((area, type) => {
      const files = new DataTransfer();
      files.items.add(new File([`a note, by ${type}`], `${type}.txt`, { type: 'text/plain' }));
      const options = { bubbles: true, cancelable: true };
      area.dispatchEvent(type === 'paste' ? new ClipboardEvent('paste', { clipboardData: files, ...options })
        : new DragEvent('drop', { dataTransfer: files, ...options }));
    }, way);
    await ann.page.getByRole('button', { name: `Remove ${way}.txt` }).waitFor();
    await ann.composer.fill(`by ${way}`);
    await ann.page.getByRole('button', { name: 'Send', exact: true }).click();
    await ann.kept(`by ${way}`).getByRole('button', { name: `${way}.txt` }).waitFor();
  }
  const download = ann.page.waitForEvent('download');
  await ann.kept('by drop').getByRole('button', { name: 'drop.txt' }).click();
  assert.equal((await download).suggestedFilename(), 'drop.txt');
});
