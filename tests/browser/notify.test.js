// What draws the attention of somebody who is elsewhere.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

/** As for somebody who looks at another window, with all that the browser was asked to show. */
function elsewhere() {
  document.hasFocus = () => false;
  globalThis.shown = [];
  globalThis.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      globalThis.shown.push({ title, body: options.body, notification: this });
    }
  };
}

scene('what is said to somebody who is elsewhere is notified, and counted in the title', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const ben = await stage.signUp('ben');
  const { page } = ben;
  await page.context().grantPermissions(['notifications'], { origin: stage.server.url });
  await page.addInitScript(elsewhere);
  await page.reload();
  await ben.isIn();
  await ben.join('Tea room');
  await ben.at('#/profile');
  await page.getByRole('checkbox', { name: 'Notifications' }).check();
  const titled = (title) => page.waitForFunction((wanted) => document.title === wanted, title);
  await titled('Profile and settings · Chat');

  await ann.say('To nobody in particular');
  await titled('• Profile and settings · Chat');
  await ann.say('Where are you, @ben?');
  await titled('(1) Profile and settings · Chat');
  // A conversation that begins with it, too.
  const direct = await stage.server.call('POST', '/direct', { token: await ann.token(), body: { users: [await ben.id()] } });
  await stage.server.send(await ann.token(), direct.id, ['**Kettle** is on']);
  await titled('(2) Profile and settings · Chat');
  await page.waitForFunction(() => globalThis.shown.length === 2);
  const shown = await page.evaluate(() => globalThis.shown.map(({ title, body }) => ({ title, body })));
  assert.deepEqual(shown, [{ title: 'ann · Tea room', body: 'Where are you, @ben?' }, { title: 'ann', body: 'Kettle is on' }]);

  // It leads to where it was said, where it is read then.
  await page.evaluate(() => {
    globalThis.shown[0].notification.onclick();
    delete document.hasFocus;
    dispatchEvent(new Event('focus'));
  });
  await ben.isOpen('Tea room');
  await titled('(1) Tea room · Chat');

  // Whoever wants none has none.
  await ben.at('#/profile');
  await page.getByRole('checkbox', { name: 'Notifications' }).uncheck();
  await page.evaluate(() => { document.hasFocus = () => false; });
  await ann.say('And now, @ben?');
  await titled('(2) Profile and settings · Chat');
  assert.equal(await page.evaluate(() => globalThis.shown.length), 2);
});
