// Audited by axe-core in every main view: wide and on a phone, light and dark.

import { PHONE, WIDE, scene } from './harness.js';
import { png } from './pictures.js';

const LOOKS = [
  ['wide and light', { colorScheme: 'light', viewport: WIDE }],
  ['wide and dark', { colorScheme: 'dark', viewport: WIDE }],
  ['a phone, light', { colorScheme: 'light', viewport: PHONE, hasTouch: true, isMobile: true }],
  ['a phone, dark', { colorScheme: 'dark', viewport: PHONE, hasTouch: true, isMobile: true }],
];

for (const [look, options] of LOOKS) {
  scene(`an audit finds nothing: ${look}`, async (stage) => {
    const { server } = stage;
    const ben = await server.account('ben', { display_name: 'Ben Okafor' });
    await server.call('POST', '/rooms', { token: ben.token, body: { id: 'tea', name: 'Tea room', topic: 'What is on the stove' } });
    await server.send(ben.token, 'tea', ['# Heading', '- a\n- b', '> quoted\n\n`code` and **bold**', '```\ncode\n```', 'https://example.org', 'Who is in?']);
    const ann = await stage.visitor('ann', options);
    await ann.isAccessible('signing up');
    await ann.page.getByRole('tab', { name: 'Log in' }).click();
    await ann.isAccessible('logging in');
    await ann.signUp();
    await ann.isAccessible('home');
    await ann.at('#/browse');
    await ann.page.getByRole('button', { name: 'Join Tea room' }).waitFor();
    await ann.isAccessible('browsing');
    await ann.join('Tea room');
    await ann.sees('Who is in?');
    await ann.attach({ name: 'cup.png', mimeType: 'image/png', buffer: png(80, 60, (x, y) => [x, y, 90]) });
    await ann.composer.fill('I am, @ben');
    await ann.page.getByRole('button', { name: 'Send', exact: true }).and(ann.page.locator(':enabled')).first().click();
    await ann.sees('I am, @ben');
    const offset = Number(await ann.kept('Who is in?').getAttribute('data-offset'));
    await server.call('PUT', `/rooms/tea/messages/${offset}/reactions/${encodeURIComponent('👍')}`, { token: ben.token });
    await ann.kept('Who is in?').getByRole('group', { name: 'Reactions' }).waitFor();
    await ann.kept('I am, @ben').getByRole('img', { name: 'cup.png' }).waitFor();
    await ann.isAccessible('a room');
    const text = ann.kept('Who is in?').locator('[data-text]');
    await (options.hasTouch ? text.tap() : text.hover());
    await ann.kept('Who is in?').getByRole('toolbar').waitFor();
    await ann.isAccessible('a message that one points at');
    await ann.kept('Who is in?').getByRole('button', { name: 'React', exact: true }).click();
    await ann.page.getByRole('menuitem').first().waitFor();
    await ann.isAccessible('emoji');
    await ann.page.keyboard.press('Escape');
    for (const pane of [`thread/${offset}`, 'search', 'pins', 'members', 'details']) {
      await ann.at(`#/room/tea/${pane}`);
      await ann.side.getByRole('heading').first().waitFor();
      await ann.page.getByRole('status', { name: 'Loading …' }).waitFor({ state: 'detached' });
      await ann.isAccessible(pane);
    }
    for (const page of ['profile', 'search']) {
      await ann.at(`#/${page}`);
      await ann.page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
      await ann.isAccessible(page);
    }
    await ann.at('#/');
    await ann.page.getByRole('button', { name: 'New', exact: true }).click();
    await ann.isAccessible('a menu');
    await ann.page.getByRole('menuitem', { name: 'Create room' }).click();
    await ann.isAccessible('a dialog');
    await ann.page.keyboard.press('Escape');
    await ann.at('#/room/tea');
    await ann.isOpen('Tea room');
    await server.kill();
    await ann.connection('offline');
    await ann.say('later');
    await ann.message('later').waitFor();
    await ann.isAccessible('offline');
  });
}
