// Without a mouse.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

/** Goes on with Tab until this has the focus, and sees that one can see that it has. */
async function tabTo(person, locator) {
  const { page } = person;
  await locator.waitFor();
  for (let steps = 0; steps < 80; steps++) {
    if (await locator.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press('Tab');
    const shown = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === document.body) return true;
      const box = one.getBoundingClientRect();
      return one.matches(':focus-visible') && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
    });
    assert.ok(shown, `the focus is seen on the way to ${locator}: ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}`);
  }
  assert.fail(`Tab does not lead to ${locator}`);
}

scene('all of it goes by keyboard', async (stage) => {
  const { server } = stage;
  const ann = await stage.visitor('ann');
  const { page } = ann;
  const { keyboard } = page;
  // In.
  await tabTo(ann, page.getByLabel('Username', { exact: true }));
  await keyboard.type('ann');
  await keyboard.press('Tab');
  await keyboard.type('ann@example.com');
  await keyboard.press('Tab');
  await keyboard.type('correct horse battery');
  await keyboard.press('Enter');
  await ann.isIn();

  // A room.
  await tabTo(ann, page.getByRole('button', { name: 'New', exact: true }));
  await keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Create room' }).waitFor();
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await keyboard.type('Tea room');
  await keyboard.press('Enter');
  await ann.isOpen('Tea room');

  // What is written goes to where one writes, without a way there.
  await page.locator('textarea:focus').waitFor();
  await keyboard.type('one line');
  await keyboard.press('Shift+Enter');
  await keyboard.type('and another');
  await keyboard.press('Enter');
  await ann.sees('and another');
  assert.deepEqual(await ann.texts(), ['one line\nand another']);

  // The last one is edited.
  await keyboard.press('ArrowUp');
  await page.getByText('Editing your message').waitFor();
  await keyboard.type('!');
  await keyboard.press('Enter');
  await ann.sees('and another!');

  // Back to a message, from one to the next, and what can be done with it.
  await keyboard.type('second');
  await keyboard.press('Enter');
  await ann.sees('second');
  await keyboard.press('Shift+Tab');
  await tabTo(ann, ann.log);
  await keyboard.press('ArrowUp');
  await ann.page.locator('article:focus').filter({ hasText: 'second' }).waitFor();
  await keyboard.press('ArrowUp');
  await ann.page.locator('article:focus').filter({ hasText: 'and another!' }).waitFor();
  await keyboard.press('+');
  await page.getByRole('menuitem', { name: '😀' }).waitFor();
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await ann.kept('and another!').getByRole('group', { name: 'Reactions' }).getByRole('button').waitFor();
  await page.locator('article:focus').filter({ hasText: 'and another!' }).waitFor();
  await keyboard.press('t');
  await ann.thread.waitFor();
  await page.locator('textarea:focus').waitFor();
  await keyboard.type('in the thread');
  await keyboard.press('Enter');
  await ann.kept('in the thread', ann.thread).waitFor();
  await keyboard.press('Escape');
  await ann.thread.waitFor({ state: 'detached' });
  await page.locator('textarea:focus').waitFor();

  // Away with one of them.
  await keyboard.press('Shift+Tab');
  await tabTo(ann, ann.log);
  await keyboard.press('ArrowUp');
  await keyboard.press('ArrowUp');
  await page.locator('article:focus').filter({ hasText: 'second' }).waitFor();
  await keyboard.press('Delete');
  // Who presses Enter without reading deletes nothing.
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).and(page.locator(':focus')).waitFor();
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await ann.message('Message deleted').waitFor();

  // To another room and back.
  const token = await ann.token();
  await server.call('POST', '/rooms', { token, body: { id: 'garden', name: 'Garden' } });
  await server.send(token, 'garden', ['seeds']);
  await ann.rooms.filter({ hasText: 'seeds' }).waitFor();
  // The rooms are one stop of Tab, and the arrows go on from there.
  const stops = () => ann.rooms.evaluateAll((all) => all.filter((one) => one.tabIndex === 0).map((one) => one.textContent.includes('Tea room')));
  assert.deepEqual(await stops(), [true]);
  await ann.rooms.filter({ hasText: 'Tea room' }).focus();
  await keyboard.press('ArrowUp');
  await ann.rooms.filter({ hasText: 'seeds' }).and(page.locator(':focus')).waitFor();
  assert.deepEqual(await stops(), [false]);
  await keyboard.press('Control+k');
  await keyboard.type('gard');
  await keyboard.press('Enter');
  await ann.isOpen('Garden');
  await keyboard.press('Alt+ArrowDown');
  await ann.isOpen('Tea room');
});
