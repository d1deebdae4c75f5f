// What keeps a room in order, done by pointer, and seen by those whom it is about.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

async function two(stage) {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const ben = await stage.signUp('ben');
  await ben.join('Tea room');
  await ben.say('Hello from ben');
  await ann.sees('Hello from ben');
  return [ann, ben];
}

/** Chooses something from the menu of a member. */
async function choose(person, name, item) {
  if (!await person.side.getByRole('heading', { name: 'Members' }).isVisible()) await person.beside('Members');
  await person.side.getByRole('listitem').getByRole('button').filter({ hasText: name }).click();
  await person.page.getByRole('menu').getByText(item, { exact: true }).click();
}

async function dialogOf(person, title) {
  const dialog = person.page.getByRole('dialog', { name: title });
  await dialog.waitFor();
  return dialog;
}

scene('messages are pinned and unpinned', async (stage) => {
  const [ann, ben] = await two(stage);
  await ben.message('Hello from ben').hover();
  await ben.message('Hello from ben').getByRole('button', { name: 'More' }).click();
  assert.equal(await ben.page.getByRole('menuitem', { name: 'Pin', exact: true }).count(), 0, 'members may not');
  await ben.page.keyboard.press('Escape');
  await ann.act('Hello from ben', 'Pin');
  for (const one of [ann, ben]) await one.message('Hello from ben').getByText('Pinned').waitFor();
  await ben.beside('Pinned messages');
  await ben.side.getByText('Hello from ben').waitFor();
  assert.equal(await ben.side.getByRole('button', { name: 'Unpin' }).count(), 0);
  await ann.act('Hello from ben', 'Unpin');
  await ben.side.getByText('Nothing is pinned in this room.').waitFor();
  await ben.message('Hello from ben').getByText('Pinned').waitFor({ state: 'detached' });
  await ann.act('Hello from ben', 'Pin');
  await ann.beside('Pinned messages');
  await ann.side.getByRole('button', { name: 'Unpin' }).click();
  await ann.side.getByText('Nothing is pinned in this room.').waitFor();
});

scene('who is muted is told, and writes again afterwards', async (stage) => {
  const [ann, ben] = await two(stage);
  await choose(ann, 'ben', 'Mute');
  const dialog = await dialogOf(ann, 'Mute ben');
  await dialog.getByLabel('For how long').selectOption('10 minutes');
  await dialog.getByRole('button', { name: 'Mute' }).click();
  await ben.page.getByText('You are muted in this room').waitFor();
  assert.equal(await ben.composer.count(), 0);
  await ann.side.getByRole('listitem').filter({ hasText: 'muted' }).waitFor();
  await ann.isAccessible('members');
  await choose(ann, 'ben', 'Unmute');
  await ben.composer.waitFor();
  await ben.say('Sorry');
  await ann.sees('Sorry');

  await choose(ann, 'ben', 'Reader: only reads');
  await ben.page.getByText('You can read here, but not write.').waitFor();
  await choose(ann, 'ben', 'Moderator');
  await ben.composer.waitFor();
  await ben.act('Hello from ben', 'Pin');
  await ann.message('Hello from ben').getByText('Pinned').waitFor();
});

scene('who is removed or banned goes, and comes again when they may', async (stage) => {
  const [ann, ben] = await two(stage);
  await choose(ann, 'ben', 'Remove from the room');
  await (await dialogOf(ann, 'Remove from the room')).getByRole('button', { name: 'Remove from the room' }).click();
  await ben.told('You are no longer in Tea room.');
  assert.equal(await ben.rooms.count(), 0);
  await ben.join('Tea room');

  await choose(ann, 'ben', 'Ban');
  const dialog = await dialogOf(ann, 'Ban ben');
  await dialog.getByLabel('For how long').selectOption('A day');
  await dialog.getByLabel('Reason').fill('sells umbrellas');
  await dialog.getByRole('button', { name: 'Ban', exact: true }).click();
  await ann.told('Banned.');
  await ben.told('You are no longer in Tea room.');
  await ann.side.getByRole('heading', { name: 'Banned' }).waitFor();
  await ann.side.getByText(/^Until .* · sells umbrellas/).waitFor();
  const { items: [ban] } = await stage.server.call('GET', `/rooms/${await ann.room()}/bans`, { token: await ann.token() });
  assert.ok(Math.abs(new Date(ban.until) - Date.now() - 86_400_000) < 600_000, ban.until);

  await ben.at(`#/room/${await ann.room()}`);
  await ben.page.getByText('You are banned from this room.').waitFor();
  await ann.side.getByRole('button', { name: 'Lift the ban of ben' }).click();
  await ann.side.getByRole('heading', { name: 'Banned' }).waitFor({ state: 'detached' });
  await ben.page.getByRole('button', { name: 'Try again' }).click();
  await ben.page.getByRole('main').getByRole('button', { name: 'Join' }).click();
  await ben.say('Here again');
  await ann.sees('Here again');

  await ann.beside('Details');
  await ann.side.getByRole('button', { name: 'What moderators did' }).click();
  const audit = await dialogOf(ann, 'What moderators did');
  for (const text of ['lifted the ban of ben', 'banned ben', 'removed ben']) await audit.getByText(text, { exact: true }).first().waitFor();
});

scene('what is reported is settled by moderators', async (stage) => {
  const [ann, ben] = await two(stage);
  await ann.say('Umbrellas, cheap!');
  await ann.say('Umbrellas, dear!');
  await ben.sees('Umbrellas, dear!');
  const report = async (text) => {
    await ben.act(text, 'Report');
    const dialog = await dialogOf(ben, 'Report');
    await dialog.getByLabel('Reason').fill('advertising');
    await dialog.getByRole('button', { name: 'Report' }).click();
    await ben.told('Reported. Thank you.');
  };
  await report('Umbrellas, cheap!');
  await report('Umbrellas, dear!');
  await ann.beside('Details');
  await ann.side.getByRole('button', { name: 'Reports' }).click();
  const reports = await dialogOf(ann, 'Reports');
  const cards = reports.getByRole('listitem').filter({ hasText: 'advertising' });
  await cards.filter({ hasText: 'Umbrellas, cheap!' }).waitFor();
  await ann.isAccessible('reports');
  await cards.filter({ hasText: 'Umbrellas, cheap!' }).getByRole('button', { name: 'Dismiss' }).click();
  await cards.filter({ hasText: 'Umbrellas, cheap!' }).waitFor({ state: 'detached' });
  await cards.filter({ hasText: 'Umbrellas, dear!' }).getByRole('button', { name: 'Delete message' }).click();
  await reports.getByText('No reports are waiting.').waitFor();
  await ann.page.keyboard.press('Escape');
  await ben.message('Message deleted').waitFor();
  assert.equal(await ben.message('Umbrellas, dear!').count(), 0);
  await ben.sees('Umbrellas, cheap!');
});

scene('words are filtered', async (stage) => {
  const [ann, ben] = await two(stage);
  await ann.beside('Details');
  const set = async (words, action) => {
    await ann.side.getByRole('button', { name: 'Filtered words' }).click();
    const dialog = await dialogOf(ann, 'Filtered words');
    await dialog.getByLabel('Words', { exact: true }).fill(words);
    await dialog.getByLabel('What becomes of messages with them').selectOption(action);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await set('umbrella*\nparasol', 'The words are replaced by ***');
  await ann.side.getByText('Some words are filtered').waitFor();
  await ben.say('No more umbrellas.');
  await ann.sees('No more *********.');
  await ben.sees('No more *********.');

  await set('umbrella*', 'They are refused');
  await ben.say('Umbrella!');
  await ben.message('Umbrella!').getByText('It has words that are not allowed here.').waitFor();
  ben.expected(/422/);
  await ben.message('Umbrella!').getByRole('button', { name: 'Discard' }).click();
  assert.equal(await ben.composer.inputValue(), 'Umbrella!');
  await set('', 'They are refused');
  await ann.side.getByText('Some words are filtered').waitFor({ state: 'detached' });
  await ben.composer.press('Enter');
  await ann.sees('Umbrella!');

  await set('parasol', 'They are reported to moderators');
  await ben.say('A parasol?');
  await ann.sees('A parasol?');
  await ann.side.getByRole('button', { name: 'Reports' }).click();
  await (await dialogOf(ann, 'Reports')).getByText('Reported by the server: filtered words: parasol').waitFor();
});

scene('who is blocked is heard no more, until one wishes', async (stage) => {
  const { server } = stage;
  const ann = await server.account('ann');
  const ben = await stage.signUp('ben');
  const direct = await server.call('POST', '/direct', { token: ann.token, body: { users: [await ben.id()] } });
  await server.send(ann.token, direct.id, ['Are you there?']);
  await ben.open('ann');
  const [{ offset }] = (await server.call('GET', `/rooms/${direct.id}/messages`, { token: ann.token })).items;
  const first = `/rooms/${direct.id}/messages/${offset}`;
  await server.call('PUT', `${first}/reactions/${encodeURIComponent('👍')}`, { token: ann.token });
  await ben.kept('Are you there?').getByRole('button', { name: /^👍/, pressed: false }).waitFor();
  const block = async (item) => {
    await ben.kept('Are you there?').getByRole('button', { name: 'ann', exact: true }).click();
    await ben.page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await block('Block');
  await (await dialogOf(ben, 'Block')).getByRole('button', { name: 'Block', exact: true }).click();
  await ben.told('Blocked.');
  await server.send(ann.token, direct.id, ['Hello?']);
  await ben.message('Message of somebody you have blocked').waitFor();
  // What was edited since is not for them either, nor what others put on it.
  await server.call('PATCH', first, { token: ann.token, body: { text: 'Are you?' } });
  const hidden = ben.log.locator(`[data-offset="${offset}"]`);
  await hidden.getByText('Message of somebody you have blocked').waitFor();
  assert.equal(await hidden.getByRole('group', { name: 'Reactions' }).count(), 0);
  await ben.at('#/profile');
  const row = ben.page.getByRole('listitem').filter({ hasText: '@ann' });
  await row.getByRole('button', { name: /^Unblock/ }).click();
  await ben.page.getByText('You have blocked nobody.').waitFor();
  await ben.open('ann');
  await server.send(ann.token, direct.id, ['Back again']);
  await ben.sees('Back again');
  assert.equal(await ben.message('Hello?').count(), 0, 'what was sent meanwhile stays unseen');
});
