// Two people in two windows.

import assert from 'node:assert/strict';
import { scene } from './harness.js';
import { png } from './pictures.js';

async function two(stage) {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const ben = await stage.signUp('ben');
  await ben.join('Tea room');
  return [ann, ben];
}

scene('two people chat, edit, react and delete', async (stage) => {
  const [ann, ben] = await two(stage);
  await ann.say('Is it ready?');
  await ben.sees('Is it ready?');
  await ben.say('Two minutes.');
  await ann.sees('Two minutes.');

  await ann.act('Is it ready?', 'Edit');
  await ann.say('Is the tea ready?');
  await ben.sees('Is the tea ready?');
  assert.equal(await ben.message('Is it ready?').count(), 0);

  await ben.act('Is the tea ready?', 'React');
  await ben.page.getByRole('menuitem', { name: '👍' }).click();
  const reaction = (person) => person.message('Is the tea ready?').getByRole('group', { name: 'Reactions' }).getByRole('button');
  await reaction(ann).and(ann.page.getByLabel('👍, 1 reaction')).click();
  await reaction(ben).and(ben.page.getByLabel('👍, 2 reactions')).waitFor();

  await ben.act('Two minutes.', 'Delete');
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await ann.message('Message deleted').waitFor();
  assert.equal(await ann.message('Two minutes.').count(), 0);
});

scene('a thread is a conversation of its own', async (stage) => {
  const [ann, ben] = await two(stage);
  await ann.say('Who brings cake?');
  await ben.sees('Who brings cake?');
  await ben.openThread('Who brings cake?');
  await ben.reply('I do.');
  await ben.kept('I do.', ben.thread).waitFor();
  await ann.openThread('Who brings cake?');
  await ann.kept('I do.', ann.thread).waitFor();
  await ann.reply('Lovely.');
  await ben.kept('Lovely.', ben.thread).waitFor();
});

scene('a picture is attached and shown to the other', async (stage) => {
  const [ann, ben] = await two(stage);
  await ann.attach({ name: 'cup.png', mimeType: 'image/png', buffer: png(8, 8, () => [160, 90, 40]) });
  await ann.composer.fill('The cup');
  await ann.page.getByRole('button', { name: 'Send', exact: true }).click();
  const picture = ben.kept('The cup').getByRole('img', { name: 'cup.png' });
  await picture.waitFor();
  await ben.page.waitForFunction((image) => image.complete && image.naturalWidth === 8, await picture.elementHandle());
});

scene('a server that was killed has lost nothing, and nothing is double', async (stage) => {
  const [ann, ben] = await two(stage);
  const said = [];
  const say = async (person, text) => {
    said.push(text);
    await person.say(text);
  };
  for (let round = 0; round < 3; round++) {
    await say(ann, `ann ${round}, before`);
    await ben.sees(`ann ${round}, before`);
    await stage.server.kill();
    await Promise.all([ann.connection('offline'), ben.connection('offline')]);
    await say(ann, `ann ${round}, without a server`);
    await stage.server.up();
    await Promise.all([ann.connection('online'), ben.connection('online')]);
    await ben.sees(`ann ${round}, without a server`);
    await say(ben, `ben ${round}, after`);
    await ann.sees(`ben ${round}, after`);
  }
  const token = await ann.token();
  const { id } = (await stage.server.call('GET', '/rooms?mine=true', { token })).items[0];
  assert.deepEqual(await stage.server.texts(token, id), said);
  for (const person of [ann, ben]) assert.deepEqual(await person.texts(), said, person.name);
});
