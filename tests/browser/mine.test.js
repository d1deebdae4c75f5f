// What is one's own over all rooms: bookmarks, followed threads, and what is sent later. And what links lead to.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

async function page(person, name) {
  await person.page.getByRole('button', { name: /^Your account/ }).click();
  await person.page.getByRole('menuitem', { name, exact: true }).click();
  await person.page.getByRole('heading', { name, exact: true, level: 1 }).waitFor();
}

scene('messages are bookmarked, found again and let go', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  await ann.say('The recipe');
  await ann.sees('The recipe');
  await ann.act('The recipe', 'Bookmark');
  await ann.told('Bookmarked.');
  await page(ann, 'Bookmarks');
  const list = ann.page.getByRole('main').getByRole('listitem');
  await list.filter({ hasText: 'Tea room' }).getByText('The recipe').click();
  await ann.sees('The recipe');
  // Another of the user's windows knows of it.
  const other = await stage.logIn('ann');
  await other.open('Tea room');
  await other.act('The recipe', 'Remove bookmark');
  await other.told('Bookmark removed.');
  await ann.act('The recipe', 'Bookmark');
  await page(ann, 'Bookmarks');
  await ann.isAccessible('bookmarks');
  await list.getByRole('button', { name: 'Remove bookmark' }).click();
  await ann.page.getByText('Nothing is bookmarked.').waitFor();
});

scene('the threads that one follows are in one place', async (stage) => {
  const { server } = stage;
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const room = await ann.room();
  await page(ann, 'Followed threads');
  await ann.page.getByText('You follow no thread.').waitFor();
  await ann.open('Tea room');
  await ann.say('Who brings cake?');
  await ann.sees('Who brings cake?');
  const offset = Number(await ann.kept('Who brings cake?').getAttribute('data-offset'));
  await page(ann, 'Followed threads');
  const ben = await server.account('ben');
  await server.call('PUT', `/rooms/${room}/members/${ben.id}`, { token: ben.token });
  await server.call('POST', `/rooms/${room}/messages`, { token: ben.token, body: { text: 'I do', reply_to: offset } });
  const row = ann.page.getByRole('main').getByRole('listitem').filter({ hasText: 'Who brings cake?' });
  await row.getByText('Tea room · 1 reply').waitFor();
  await row.getByLabel('1 unread message').waitFor();
  await ann.isAccessible('threads');
  await row.getByRole('link').click();
  await ann.kept('I do', ann.thread).waitFor();
});

scene('a message is sent later, and changed or removed until then', async (stage) => {
  const { server } = stage;
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  const later = async (text, item) => {
    assert.equal(await ann.page.getByRole('button', { name: 'Send later' }).isVisible(), false);
    await ann.composer.fill(text);
    await ann.page.getByRole('button', { name: 'Send later' }).click();
    await ann.page.getByRole('menuitem', { name: item }).click();
  };
  await later('In an hour, then', 'In an hour');
  await ann.page.getByRole('alert').getByText(/^Will be sent/).first().waitFor();
  assert.equal(await ann.composer.inputValue(), '');
  await later('Some other time', 'At another time …');
  const dialog = ann.page.getByRole('dialog');
  await dialog.getByLabel('When').fill('2001-01-01T09:00');
  await dialog.getByRole('button', { name: 'Send then' }).click();
  await dialog.getByText('Choose a time to come, within a year.').waitFor();
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 16);
  await dialog.getByLabel('When').fill(soon);
  await ann.isAccessible('another time');
  await dialog.getByRole('button', { name: 'Send then' }).click();
  await dialog.waitFor({ state: 'detached' });

  await ann.composer.fill('x');
  await ann.page.getByRole('button', { name: 'Send later' }).click();
  await ann.page.getByRole('menuitem', { name: 'Scheduled messages' }).click();
  const rows = ann.page.getByRole('main').getByRole('listitem');
  const first = rows.filter({ hasText: 'In an hour, then' });
  await first.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Message').fill('Now, then');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await rows.filter({ hasText: 'Now, then' }).waitFor();
  await ann.isAccessible('what is sent later');
  await rows.filter({ hasText: 'Some other time' }).getByRole('button', { name: 'Delete' }).click();
  await rows.filter({ hasText: 'Some other time' }).waitFor({ state: 'detached' });

  const token = await ann.token();
  const { items: [one] } = await server.call('GET', '/scheduled', { token });
  await server.call('PATCH', `/scheduled/${one.id}`, { token, body: { send_at: new Date(Date.now() + 1500).toISOString() } });
  await ann.page.getByText('Nothing waits to be sent later.').waitFor();
  await ann.open('Tea room');
  await ann.sees('Now, then');
});

/** Answers what the page asks about links, as a server would that may look at them. */
async function withPreviews(person, items) {
  let asked = 0;
  await person.page.routeWebSocket(/connection\/websocket/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => {
      for (const line of String(frame).split('\n')) {
        const command = line && JSON.parse(line);
        if (command?.rpc?.method !== 'preview.list') { server.send(line); continue; }
        asked += 1;
        socket.send(JSON.stringify({ id: command.id, rpc: { data: { items } } }));
      }
    });
  });
  await person.page.reload();
  await person.connection('online');
  return () => asked;
}

scene('links say where they lead, where the server looks', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('Tea room');
  // It does not, by itself.
  await ann.say('https://example.org/first');
  await ann.sees('https://example.org/first');
  const asked = await withPreviews(ann, [{ url: 'https://example.org/scones', title: 'Scones <b>at home</b>', description: 'Flour, butter, patience.', site_name: 'Example', image: 'https://example.org/a.png' }]);
  await ann.say('See https://example.org/scones');
  const preview = ann.kept('See https').getByRole('link', { name: /Scones/ });
  await preview.waitFor();
  assert.equal(await preview.innerText(), 'Example\nScones <b>at home</b>\nFlour, butter, patience.');
  assert.equal(await preview.getAttribute('href'), 'https://example.org/scones');
  assert.equal(await preview.getByRole('img').count(), 0, 'nothing is fetched from there');
  await ann.say('without a link');
  await ann.sees('without a link');
  assert.equal(asked(), 2, 'once for each message');
  await ann.isAccessible('previews');
});
