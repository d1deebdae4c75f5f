// The operator's corner, used by the one who started the server and by those who may not.

import assert from 'node:assert/strict';
import { PHONE, scene } from './harness.js';

/** Ann, who came first, and two others. */
async function three(stage) {
  const ann = await stage.signUp('ann');
  return [ann, await stage.signUp('ben'), await stage.signUp('cid')];
}

/** Goes to a section as one does who has never been there. */
async function section(person, name) {
  const { page } = person;
  if (!await page.getByRole('heading', { name: 'Administration', level: 1 }).isVisible()) {
    await page.getByRole('button', { name: /^Your account/ }).click();
    await page.getByRole('menuitem', { name: 'Administration' }).click();
  }
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('navigation', { name: 'Administration' }).locator('[aria-current=page]').getByText(name, { exact: true }).waitFor();
}

const rows = (person) => person.page.getByRole('main').getByRole('listitem');
const row = (person, text) => rows(person).filter({ hasText: text });

async function choose(person, name, item, sure = true) {
  await person.page.getByRole('button', { name: `What can be done about ${name}` }).click();
  await person.page.getByRole('menuitem', { name: item }).click();
  if (sure) await person.page.getByRole('dialog', { name: item }).getByRole('button', { name: item }).click();
}

scene('who comes first runs the server, and nobody else', async (stage) => {
  const [ann, ben] = await three(stage);
  await section(ann, 'Users');
  await row(ann, '@ann').getByText('Administrator', { exact: true }).waitFor();
  assert.equal(await row(ann, '@ann').getByRole('button').count(), 0, 'nobody takes it from themselves');

  await ben.page.getByRole('button', { name: /^Your account/ }).click();
  await ben.page.getByRole('menuitem', { name: 'Log out' }).waitFor();
  assert.equal(await ben.page.getByRole('menuitem', { name: 'Administration' }).count(), 0);
  await ben.page.keyboard.press('Escape');
  for (const name of ['figures', 'users', 'rooms', 'reports', 'log']) {
    await ben.at('#/');
    await ben.at(`#/admin/${name}`);
    await ben.page.getByRole('main').getByText('You may not do this here.').waitFor();
  }
  ben.expected(/403/);
});

scene('accounts are found, disabled and enabled, logged out and made administrators', async (stage) => {
  const [ann, ben, cid] = await three(stage);
  await section(ann, 'Users');
  await row(ann, '@cid').waitFor();
  await ann.page.getByRole('searchbox', { name: /^Find by username/ }).fill('be');
  await row(ann, '@ann').waitFor({ state: 'detached' });
  await row(ann, 'ben@example.com').getByText('1 session').waitFor();

  await choose(ann, 'ben', 'Disable the account');
  await row(ann, '@ben').getByText('Disabled', { exact: true }).waitFor();
  await ben.page.getByText('Your session has ended.').waitFor();
  await ben.page.getByLabel('Username or email').fill('ben');
  await ben.page.getByLabel('Password').fill('correct horse battery');
  await ben.page.getByRole('button', { name: 'Log in' }).click();
  await ben.page.getByRole('alert').getByText('This account is disabled.').waitFor();
  ben.expected(/40[13]/);
  await choose(ann, 'ben', 'Enable the account', false);
  await row(ann, '@ben').getByText('Disabled').waitFor({ state: 'detached' });
  await ben.page.getByRole('button', { name: 'Log in' }).click();
  await ben.isIn();

  await ann.page.getByRole('searchbox', { name: /^Find by username/ }).fill('cid@');
  await row(ann, '@ben').waitFor({ state: 'detached' });
  await choose(ann, 'cid', 'Make administrator');
  await row(ann, '@cid').getByText('Administrator', { exact: true }).waitFor();
  await cid.page.reload();
  await section(cid, 'Users');
  await choose(cid, 'ann', 'No longer administrator');
  await row(cid, '@ann').getByText('Administrator', { exact: true }).waitFor({ state: 'detached' });
  // From that moment on.
  await ann.page.getByRole('searchbox', { name: /^Find by username/ }).fill('b');
  await ann.page.getByRole('main').getByText('You may not do this here.').waitFor();
  ann.expected(/403/);
  await choose(cid, 'ben', 'End all sessions');
  await ben.page.getByText('Your session has ended.').waitFor();
  await row(cid, '@ben').getByText('0 sessions').waitFor();

  await section(cid, 'Log');
  await row(cid, 'disabled the account').waitFor();
  const told = await rows(cid).allInnerTexts();
  const acts = ['ended all sessions of ben', 'took administration from ann', 'made cid an administrator', 'enabled the account of ben', 'disabled the account of ben'];
  assert.deepEqual(told.map((text) => text.split('\n').at(-1)), acts);
  assert.ok(told.slice(0, 2).every((text) => text.startsWith('cid')) && told.slice(2).every((text) => text.startsWith('ann')), told.join('\n'));
  for (const one of [ann, ben]) one.complaints = one.complaints.filter((text) => !/40[13]/.test(text));
});

scene('rooms are seen from outside, and deleted for their members too', async (stage) => {
  const [ann, ben, cid] = await three(stage);
  await ben.create('Cellar', 'Private: by invitation only');
  await ben.say('Nobody but us');
  await ben.sees('Nobody but us');
  await ben.create('Garden');
  await cid.join('Garden');
  await section(ann, 'Rooms');
  await row(ann, 'Cellar').getByText('1 member').waitFor();
  assert.equal(await row(ann, 'Cellar').getByRole('link').count(), 0, 'a private room is not opened');
  await row(ann, 'Garden').getByText('2 members').waitFor();
  assert.equal(await ann.page.getByText('Nobody but us').count(), 0);
  await row(ann, 'Garden').getByRole('link').waitFor();
  await choose(ann, 'Garden', 'What moderators did', false);
  await ann.page.getByRole('dialog', { name: 'What moderators did' }).getByText('Nothing so far.').waitFor();
  await ann.page.keyboard.press('Escape');

  const { items } = await stage.server.call('GET', '/admin/rooms', { token: await ann.token() });
  const { id } = items.find((room) => room.name === 'Cellar');
  await ann.page.getByRole('searchbox', { name: 'Find a room by its id' }).fill(id);
  await row(ann, 'Garden').waitFor({ state: 'detached' });
  await ann.page.getByRole('searchbox').and(ann.page.getByLabel('Find a room by its id')).fill('');
  await choose(ann, 'Garden', 'Delete the room');
  for (const one of [ben, cid]) await one.told('Garden was deleted.');
  await row(ann, 'Garden').waitFor({ state: 'detached' });
  await section(ann, 'Log');
  await row(ann, 'deleted the room Garden').waitFor();
});

scene('what is reported of a direct conversation is shown to administrators, and settled', async (stage) => {
  const [ann, ben, cid] = await three(stage);
  const [benToken, cidToken] = [await ben.token(), await cid.token()];
  const room = await stage.server.call('POST', '/direct', { token: benToken, body: { users: [await cid.id()] } });
  const say = async (text) => (await stage.server.call('POST', `/rooms/${room.id}/messages`, { token: benToken, body: { text } })).offset;
  await say('Between us');
  for (const [text, reason] of [['Pay, or else', 'a threat'], ['A joke', 'not mine']]) {
    await stage.server.call('POST', `/rooms/${room.id}/messages/${await say(text)}/reports`, { token: cidToken, body: { reason } });
  }
  await section(ann, 'Reports');
  await row(ann, 'Pay, or else').getByText('Reported by cid: a threat').waitFor();
  await row(ann, 'Pay, or else').getByText('Direct conversation').waitFor();
  assert.equal(await ann.page.getByText('Between us').count(), 0, 'nothing else is shown');
  await ann.isAccessible('reports');
  await row(ann, 'A joke').getByRole('button', { name: 'Dismiss' }).press('Enter');
  await row(ann, 'A joke').waitFor({ state: 'detached' });
  await ann.page.locator('button:focus').getByText('Dismiss').waitFor();
  // All of a message can be read where it is decided about.
  const long = `${'word '.repeat(300)}\nthe end`;
  const told = await say(long);
  await stage.server.call('POST', `/rooms/${room.id}/messages/${told}/reports`, { token: cidToken, body: {} });
  await ann.page.reload();
  const box = await row(ann, 'the end').locator('.text').evaluate((text) => text.scrollHeight - text.clientHeight);
  assert.equal(box, 0);
  // Somebody else is quicker: nothing is done that nobody decided on.
  await row(ann, 'the end').getByRole('button', { name: 'Uphold' }).click();
  await stage.server.call('PUT', `/admin/rooms/${room.id}/reports/${told}`, { token: await ann.token(), body: { verdict: 'dismissed' } });
  await ann.page.getByRole('dialog').getByLabel('Disable the account of ben, too').check();
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Uphold' }).click();
  await ann.page.getByRole('dialog').getByText('This has been settled already.').waitFor();
  ann.expected(/404/);
  await ann.page.keyboard.press('Escape');
  await row(ann, 'the end').waitFor({ state: 'detached' });
  assert.equal((await stage.server.call('GET', `/admin/users/${await ben.id()}`, { token: await ann.token() })).disabled_at, undefined);
  await row(ann, 'Pay, or else').getByRole('button', { name: 'Uphold' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Uphold' });
  await dialog.getByLabel('Note').fill('a second time');
  await dialog.getByLabel('Disable the account of ben, too').check();
  await ann.isAccessible('upholding');
  await dialog.getByRole('button', { name: 'Uphold' }).click();
  await ann.page.getByText('No reports are waiting.').waitFor();
  await ben.page.getByText('Your session has ended.').waitFor();
  ben.complaints = ben.complaints.filter((text) => !/401/.test(text));
  await section(ann, 'Log');
  for (const text of ['dismissed a report in', 'upheld a report in', 'disabled the account of ben']) await row(ann, text).first().waitFor();
});

scene('the figures are those of the server, and go on', async (stage) => {
  const [ann, ben] = await three(stage);
  await ben.create('Tea room');
  await section(ann, 'Figures');
  const chart = (name) => ann.page.getByRole('img', { name: new RegExp(`^${name}: `) });
  await ann.page.getByRole('img', { name: /^Connections: 3 now, 3 at most$/ }).waitFor();
  await ann.page.getByRole('img', { name: /^People connected: 3 now/ }).waitFor();
  for (const name of ['Messages a second', 'Deliveries a second', 'Time to commit', 'Memory']) await chart(name).waitFor();
  await ann.page.getByText('SQLite', { exact: false }).first().waitFor();
  await ann.isAccessible('figures');
  // An address that leads nowhere leads here.
  for (const name of ['toString', 'x']) {
    await ann.at(`#/admin/${name}`);
    await ann.page.getByRole('navigation', { name: 'Administration' }).locator('[aria-current=page]').getByText('Figures').waitFor();
    await chart('Connections').waitFor();
  }
  const token = await ben.token();
  const room = await ben.room();
  // Until the figures have told of it: they come every few seconds, and each tells of those between two.
  const moved = ann.page.getByRole('img', { name: /^Messages a second: .*, (0[.][1-9]|[1-9]).* at most$/ });
  while (await moved.count() === 0) await stage.server.send(token, room, ['one more']);
  await ann.page.getByRole('img', { name: /^Time to commit: median [\d.]+ ms, 99 % [\d.]+ ms now/ }).waitFor();
  // What is pointed at is told with its time.
  await chart('Connections').hover();
  await ann.page.locator('.chart').first().getByRole('time').or(ann.page.locator('.chart time')).first().waitFor();
  await ben.page.close();
  await ann.page.getByRole('img', { name: /^Connections: 2 now, 3 at most$/ }).waitFor();
  // A server that is away is told, and what it says when it is there again.
  await stage.server.kill();
  await ann.page.getByRole('main').getByRole('alert').getByText('There is no connection.').waitFor();
  await stage.server.up();
  await ann.page.getByRole('main').getByRole('alert').getByText('There is no connection.').waitFor({ state: 'detached' });
  await chart('Connections').waitFor();
});

scene('what was looked for and loaded stays, through the back button and without a server', async (stage) => {
  const { token } = await stage.server.account('ann');
  await stage.server.account('lee', { display_name: 'ann' });
  for (let n = 100; n < 160; n += 1) await stage.server.account(`user${n}`);
  const ann = await stage.logIn('ann');
  // Its code is fetched when it is gone to, and once more where there was no server.
  await stage.server.kill();
  await ann.page.locator('html:not([data-connection=online])').waitFor();
  await ann.at('#/admin/users');
  await ann.page.getByRole('main').getByText('There is no connection.').waitFor();
  await stage.server.up();
  await row(ann, '@user100').waitFor();
  // Who displays another's name is told from them.
  await ann.page.getByRole('button', { name: 'What can be done about ann (@lee)' }).waitFor();
  await stage.server.kill();
  await ann.page.getByRole('button', { name: 'Show more' }).press('Enter');
  await ann.told('There is no connection.');
  assert.equal(await rows(ann).count(), 50);
  await stage.server.up();
  await ann.connection('online');
  await ann.page.getByRole('button', { name: 'Show more' }).press('Enter');
  await row(ann, '@user159').waitFor();
  assert.notEqual(await ann.page.evaluate(() => document.activeElement.tagName), 'BODY');

  await ann.page.getByRole('searchbox', { name: /^Find by username/ }).fill('user15');
  await row(ann, '@user149').waitFor({ state: 'detached' });
  await section(ann, 'Rooms');
  await ann.page.goBack();
  await row(ann, '@user150').waitFor();
  assert.equal(await rows(ann).count(), 10);
  assert.equal(await ann.page.getByRole('searchbox', { name: /^Find by username/ }).inputValue(), 'user15');

  // Asked for again by hand, a list is not asked for once more with the next connection.
  const asked = [];
  ann.page.on('request', (request) => { if (request.url().includes('/admin/log')) asked.push(request.url()); });
  await ann.page.route('**/admin/log?*', (route) => route.abort('connectionrefused'), { times: 1 });
  await section(ann, 'Log');
  await ann.page.getByRole('main').getByRole('button', { name: 'Try again' }).click();
  await ann.page.getByRole('main').getByText('Nothing so far.').waitFor();
  await stage.server.kill();
  await ann.page.locator('html:not([data-connection=online])').waitFor();
  await stage.server.up();
  await ann.connection('online');
  await ann.page.evaluate(() => fetch('/').then((answer) => answer.text()));
  assert.equal(asked.length, 2);

  // Who became an administrator finds the way without a reload; who is none any more is not led there again.
  const lee = await stage.logIn('lee');
  const { id } = await stage.server.call('GET', '/users/me', { token: await lee.token() });
  const menu = async () => {
    await lee.page.getByRole('button', { name: /^Your account/ }).click();
    await lee.page.getByRole('menuitem', { name: 'Log out' }).waitFor();
    const has = await lee.page.getByRole('menuitem', { name: 'Administration' }).count();
    await lee.page.keyboard.press('Escape');
    return has;
  };
  assert.equal(await menu(), 0);
  await stage.server.call('PUT', `/admin/users/${id}/admin`, { token });
  while (await menu() === 0);
  await stage.server.call('DELETE', `/admin/users/${id}/admin`, { token });
  await lee.at('#/admin/users');
  await lee.page.getByRole('main').getByText('You may not do this here.').waitFor();
  lee.expected(/403/);
  assert.equal(await menu(), 0);
});

scene('the corner is for keyboards, phones and screen readers, too', async (stage) => {
  await stage.server.account('ann');
  await stage.server.account('ben', { display_name: 'B'.repeat(60) });
  const ben = await stage.server.token('ben');
  await stage.server.call('POST', '/rooms', { token: ben, body: { name: 'w'.repeat(100) } });
  const ann = await stage.logIn('ann', { viewport: PHONE, hasTouch: true, isMobile: true });
  for (const [name, there] of [['users', '@ben'], ['rooms', 'www'], ['reports', 'No reports'], ['log', 'Nothing so far'], ['figures', 'Connections']]) {
    await ann.at(`#/admin/${name}`);
    await ann.page.getByRole('main').getByText(there).first().waitFor();
    await ann.isAccessible(name);
    const over = await ann.page.evaluate(() => [...document.querySelectorAll('main *')].filter((el) => el.getBoundingClientRect().right > innerWidth + 1 && !el.closest('svg')).map((el) => el.outerHTML.slice(0, 120)));
    assert.deepEqual(over, [], name);
  }
  await ann.at('#/admin/users');
  const menu = ann.page.getByRole('button', { name: /^What can be done about B/ });
  await menu.focus();
  await ann.page.keyboard.press('Enter');
  await ann.page.getByRole('menuitem', { name: 'Disable the account' }).waitFor();
  await ann.page.keyboard.press('Enter');
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).waitFor();
  await ann.page.keyboard.press('Tab');
  await ann.page.keyboard.press('Enter');
  await row(ann, '@ben').getByText('Disabled', { exact: true }).waitFor();
  assert.equal(await menu.evaluate((button) => button === document.activeElement), true, 'the focus stays at the row');
});
