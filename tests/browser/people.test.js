// Finding people: to invite them, to talk to them alone, and to go again.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

scene('somebody whom one shares no room with is found by name and invited', async (stage) => {
  const { server } = stage;
  await server.account('benno', { display_name: 'Benno Klein' });
  const ben = await stage.signUp('ben');
  const ann = await stage.signUp('ann');
  await ann.create('Kitchen', 'Private: by invitation only');
  await ann.beside('Details');
  await ann.side.getByRole('button', { name: 'Invite' }).click();
  const dialog = ann.page.getByRole('dialog', { name: 'Invite to Kitchen' });
  const found = dialog.getByRole('group', { name: 'People' }).getByRole('button');
  await dialog.getByText('Write the beginning of a username.').waitFor();
  await dialog.getByRole('searchbox').fill('ben');
  await found.filter({ hasText: 'Benno Klein' }).waitFor();
  assert.equal(await found.count(), 2);
  await ann.isAccessible('inviting');
  await found.filter({ hasText: '@benno' }).click();
  await found.filter({ hasText: /@ben$/ }).click();
  await dialog.getByRole('button', { name: 'Remove Benno Klein' }).click();
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
  await ann.told('Invited.');

  await ben.open('Kitchen');
  await ben.say('Thank you!');
  await ann.sees('Thank you!');
  await ann.beside('Members');
  await ann.side.getByRole('listitem').filter({ hasText: 'ben' }).waitFor();

  // Who is there already is not offered.
  await ann.side.getByRole('button', { name: 'Invite' }).click();
  await dialog.getByRole('searchbox').fill('ben');
  await found.filter({ hasText: 'Benno Klein' }).waitFor();
  assert.equal(await found.count(), 1);
  await dialog.getByRole('searchbox').fill('nobody');
  await dialog.getByText('Nobody found.').waitFor();
});

scene('a conversation of two, and of three', async (stage) => {
  const { server } = stage;
  await server.account('cid', { display_name: 'Cid Lang' });
  const ben = await stage.signUp('ben');
  const ann = await stage.signUp('ann');
  const begin = async (...names) => {
    await ann.page.getByRole('button', { name: 'New', exact: true }).click();
    await ann.page.getByRole('menuitem', { name: 'New direct message' }).click();
    const dialog = ann.page.getByRole('dialog', { name: 'New direct message' });
    for (const name of names) {
      await dialog.getByRole('searchbox').fill(name.slice(0, 2));
      await dialog.getByRole('group', { name: 'People' }).getByRole('button').filter({ hasText: `@${name}` }).click();
    }
    await dialog.getByRole('button', { name: 'Start chatting' }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await begin('ben');
  await ann.isOpen('ben');
  // Ben has nothing to see before there is a message, also where his page begins anew meanwhile.
  await ben.page.reload();
  await ben.isIn();
  await ben.page.getByText('You are in no room yet.').waitFor();
  await ann.say('Just the two of us');
  await ben.open('ann');
  await ben.sees('Just the two of us');
  await ben.say('Good.');
  await ann.sees('Good.');
  await begin('ben', 'cid');
  await ann.isOpen('Cid Lang, ben');
  await ann.say('And the three');
  await ben.rooms.filter({ hasText: 'And the three' }).waitFor();
  // There is one conversation of the same people.
  await begin('ben');
  await ann.isOpen('ben');
  await ann.sees('Good.');

  // From a name in the conversation.
  await ann.kept('Good.').getByRole('button', { name: 'ben', exact: true }).click();
  await ann.page.getByRole('menuitem', { name: 'About ben' }).click();
  await ann.page.getByRole('dialog', { name: 'ben' }).getByText('@ben').waitFor();
});

scene('who leaves a room has it no more, and may come again where it is public', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const ben = await stage.signUp('ben');
  await ben.join('Tea room');
  await ben.say('Hello');
  await ann.sees('Hello');
  await ann.beside('Details');
  await ann.side.getByRole('button', { name: 'Delete the room' }).waitFor();
  assert.equal(await ann.side.getByRole('button', { name: 'Leave the room' }).count(), 0, 'an owner cannot leave');

  await ben.beside('Details');
  await ben.side.getByRole('button', { name: 'Leave the room' }).click();
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Leave the room' }).click();
  await ben.page.getByRole('heading', { name: 'Welcome, ben' }).waitFor();
  assert.equal(await ben.rooms.count(), 0);
  await ann.page.getByRole('banner').or(ann.page.locator('.bar')).getByText('1 member').first().waitFor();
  await ben.join('Tea room');
  await ben.sees('Hello');
});
