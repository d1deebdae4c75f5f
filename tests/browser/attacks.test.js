// Nothing that a user writes becomes part of the page: neither what they say, nor what they call themselves and their rooms.

import assert from 'node:assert/strict';
import { ATTACKS, scene } from './harness.js';

/** What must not be in a document but by the page's own making. */
const FOREIGN = 'iframe, object, embed, base, form[action], meta[http-equiv], link:not(head > link), script:not(head > script), style:not(head > style)';

/** Whether nothing of that is there. What ran would have shown a dialog, and what tried to an error, of which the harness hears. */
async function isSound(person) {
  const found = await person.page.evaluate((selector) => {
    const all = [...document.querySelectorAll('*')];
    return {
      foreign: [...document.querySelectorAll(selector)].map((one) => one.outerHTML),
      handlers: all.filter((one) => [...one.attributes].some(({ name }) => name.startsWith('on'))).map((one) => one.outerHTML),
      links: all.flatMap((one) => ['href', 'src', 'xlink:href', 'action', 'formaction'].map((name) => one.getAttribute(name) ?? ''))
        .filter((address) => /^\s*(javascript|data|vbscript):/i.test(address.replace(/[\s\u0000-\u001f]/g, ''))),
    };
  }, FOREIGN);
  assert.deepEqual(found, { foreign: [], handlers: [], links: [] });
}

scene('what is said stays text', async (stage) => {
  const { server } = stage;
  const mallory = await server.account('mallory');
  await server.call('POST', '/rooms', { token: mallory.token, body: { id: 'den', name: 'Den' } });
  await server.send(mallory.token, 'den', ATTACKS);
  await server.send(mallory.token, 'den', ['the last one']);
  const ann = await stage.signUp('ann');
  await ann.join('Den');
  await ann.sees('the last one');
  assert.equal(await ann.kept('').count(), ATTACKS.length + 1, 'all of them are in the document');
  await isSound(ann);
  // What is plain words to Markdown is there letter by letter.
  const shown = await ann.log.textContent();
  for (const plain of ['{{constructor.constructor("alert(1)")()}}', '${alert(1)}']) assert.ok(shown.includes(plain), plain);
  // And live, as it arrives.
  for (const text of ATTACKS.slice(0, 12)) await server.send(mallory.token, 'den', [text]);
  await server.send(mallory.token, 'den', ['the very last one']);
  await ann.sees('the very last one');
  await isSound(ann);
  // Written by oneself: shown before the server has it.
  for (const text of ATTACKS.slice(0, 6)) await ann.say(text);
  await ann.say('mine');
  await ann.sees('mine');
  await isSound(ann);
});

scene('what people and rooms are called stays text', async (stage) => {
  const { server } = stage;
  // The server takes no names that are long, or turn the direction of reading.
  const names = ATTACKS.filter((text) => [...text].length <= 50 && !/[\n\t\u202e]/.test(text));
  const ann = await stage.signUp('ann');
  const token = await ann.token();
  const { id } = await server.call('GET', '/users/me', { token });
  for (const [n, name] of names.entries()) {
    const mallory = await server.account(`mallory${n}`, { display_name: name });
    await server.call('POST', '/rooms', { token: mallory.token, body: { id: `den${n}`, name, topic: name } });
    await server.call('PUT', `/rooms/den${n}/members/${id}`, { token, body: {} });
    await server.send(mallory.token, `den${n}`, [`hello from ${n}`]);
  }
  await ann.page.reload();
  await ann.isIn();
  await ann.rooms.nth(names.length - 1).waitFor();
  await isSound(ann);
  for (const n of [0, 1, 2, names.length - 1]) {
    await ann.page.goto(`${server.url}/#/room/den${n}`);
    await ann.sees(`hello from ${n}`);
    await isSound(ann);
    assert.ok((await ann.page.locator('body').textContent()).includes(names[n]), names[n]);
  }
});
