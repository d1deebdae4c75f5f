// Nothing that a user writes becomes part of the page: neither what they say, nor what they call themselves and their rooms. And
// none of it stops the page, or gets to where it does not belong.

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

/** As long as a message may be. */
const full = (text) => text.repeat(Math.ceil(16_000 / text.length)).slice(0, 16_000);

scene('no text is too deep or too slow to be drawn', async (stage) => {
  const ann = await stage.visitor('ann');
  const texts = [
    ...['>', '> ', '- ', '1. ', '* ', '> - ', '- > 1. ', '[', '![', '[x](', `[](${' '.repeat(4000)}x`, '**a*b_c~', '`a` ', '`a``', '<', '<http://a', '<http://a>', 'http://', 'http://a@',
      'http://a.b ', '@a ', '&#', 'a\n', '  \n', '\\*', '***a** b* ', '~a~~ ~b', '- a\n\n  b\n\n', '```a\n~~~\n'].map(full),
    `#${' '.repeat(16_000)}x`, `a${' '.repeat(16_000)}b`, `http://a${'.)'.repeat(7900)}`, `${'*'.repeat(7900)}a${'*'.repeat(7900)}`, `${'**a '.repeat(2000)}b${' a**'.repeat(2000)}`,
    Array.from({ length: 170 }, (_, n) => '`'.repeat(n)).join('a'), Array.from({ length: 120 }, (_, n) => `${' '.repeat(2 * n)}- a`).join('\n'),
  ];
  const slow = await ann.page.evaluate(async (all) => {
    const { render, plain } = await import(document.querySelector('script[type=module]').src.replace('app.js', 'markup.js'));
    const measure = (text) => {
      const began = performance.now();
      render(text, [{ name: 'ab', id: '1' }]);
      plain(text);
      return performance.now() - began;
    };
    // The best of some: the machine may have other things to do.
    return all.map((text) => [text.slice(0, 20), Math.min(...[1, 2, 3, 4].map(() => measure(text)))]).filter(([, took]) => took > 150);
  }, texts);
  assert.deepEqual(slow, []);
});

scene('what cannot be drawn stops nothing else, and what is long is folded', async (stage) => {
  const { server } = stage;
  const mallory = await server.account('mallory');
  await server.call('POST', '/rooms', { token: mallory.token, body: { id: 'den', name: 'Den' } });
  await server.send(mallory.token, 'den', ['before', full('>'), full('- '), full('a\n'), `begin ${'word '.repeat(400)}end`, 'a **bad** one', 'after']);
  const ann = await stage.signUp('ann');
  await ann.page.evaluate(() => {
    const { createElement } = Document.prototype;
    document.createElement = function create(name) {
      if (name === 'strong') throw new RangeError('too much');
      return createElement.call(document, name);
    };
  });
  await ann.join('Den');
  await ann.sees('after');
  await ann.sees('before');
  await ann.sees('a **bad** one');
  await server.send(mallory.token, 'den', ['the last one']);
  await ann.sees('the last one');
  const long = ann.kept('begin word');
  const height = () => long.evaluate((one) => one.offsetHeight);
  const folded = await height();
  await long.getByRole('button', { name: 'Show more' }).click();
  await long.getByRole('button', { name: 'Show less' }).waitFor();
  assert.ok(await height() > folded);
  await long.getByRole('button', { name: 'Show less' }).click();
  await long.getByRole('button', { name: 'Show more' }).waitFor();
  assert.equal(await height(), folded);
  assert.equal(await ann.kept('after').getByRole('button', { name: 'Show more' }).count(), 0);
});

scene('what is written stays in its place, and links say where they lead', async (stage) => {
  const { server } = stage;
  const word = 'W'.repeat(200);
  const marks = `A${'\u0301'.repeat(300)}`;
  const mallory = await server.account('mallory');
  await server.call('POST', '/rooms', { token: mallory.token, body: { id: 'den', name: 'Den', topic: word } });
  await server.send(mallory.token, 'den', ['above', `${marks} ${marks}`, '[https://bank.example/log-in](https://evil.example/x)', '[bank.example](https://bank.example/a)', '[a word](https://evil.example/x)']);
  const ann = await stage.signUp('ann');
  await ann.at('#/browse');
  const join = ann.page.getByRole('button', { name: 'Join Den' });
  await join.waitFor();
  assert.ok(await join.evaluate((one) => one.getBoundingClientRect().right <= document.querySelector('.page').getBoundingClientRect().right), 'the button is in the page');
  await ann.join('Den');
  await ann.sees('a word');
  assert.equal(await ann.kept('https://bank.example/log-in').locator('[data-text]').innerText(), 'https://bank.example/log-in (evil.example)');
  for (const plain of ['bank.example', 'a word']) assert.ok((await ann.texts()).includes(plain), plain);
  // What is above looks as it does without them.
  const shot = () => ann.kept('above').locator('[data-text]').screenshot({ animations: 'disabled' });
  const before = await shot();
  await ann.page.evaluate(() => { for (const one of document.querySelectorAll('[data-text]')) if (one.textContent.includes('\u0301')) one.style.visibility = 'hidden'; });
  assert.ok(before.equals(await shot()), 'marks do not get into another message');
});
