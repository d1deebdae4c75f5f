// Writes the pictures of the page to docs/page/, for the README and for whoever judges the page: `npm run screenshots`.
// Text in them is what a browser here writes, so fonts with emoji make them what users see (Debian: fonts-noto-color-emoji).

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PHONE, Server, Stage, WIDE, closeBrowser } from './harness.js';
import { png } from './pictures.js';

const FOLDER = fileURLToPath(new URL('../../docs/page/', import.meta.url));
const LOOKS = [
  ['light', { colorScheme: 'light', viewport: WIDE }],
  ['dark', { colorScheme: 'dark', viewport: WIDE }],
  ['phone-light', { colorScheme: 'light', viewport: PHONE, deviceScaleFactor: 2, hasTouch: true, isMobile: true }],
  ['phone-dark', { colorScheme: 'dark', viewport: PHONE, deviceScaleFactor: 2, hasTouch: true, isMobile: true }],
];

/** A landscape in the evening, near enough. */
const evening = png(640, 400, (x, y) => {
  const hill = 250 + 40 * Math.sin(x / 90) + 18 * Math.sin(x / 31);
  const near = 320 + 24 * Math.sin(x / 70 + 2);
  if (y > near) return [38, 52, 48];
  if (y > hill) return [70, 92, 84];
  if ((x - 450) ** 2 + (y - 190) ** 2 < 1500) return [255, 236, 190];
  return [236 - y / 6, 150 + y / 5, 120 + y / 8].map(Math.round);
});

/** A server with a few people who have talked. */
async function village() {
  const server = await Server.start();
  const names = { ann: 'Ann Baker', ben: 'Ben Okafor', cleo: 'Cleo Marin', dan: 'Dan Weiss', noor: 'نور الهدى' };
  const people = {};
  for (const [username, display_name] of Object.entries(names)) people[username] = await server.account(username, { display_name });
  const by = (name) => (method, path, body) => server.call(method, path, { token: people[name].token, body });
  const [ann, ben, cleo, dan, noor] = ['ann', 'ben', 'cleo', 'dan', 'noor'].map(by);
  const room = async (id, name, topic) => {
    await ann('POST', '/rooms', { id, name, topic });
    for (const one of ['ben', 'cleo', 'dan', 'noor']) await by(one)('PUT', `/rooms/${id}/members/${people[one].id}`, {});
  };
  await room('tea', 'Tea room', 'What is on the stove, and who is late');
  await room('garden', 'Garden', 'Seeds, weather, tools to lend');
  await room('news', 'Announcements', 'Few and short');
  const say = async (who, id, text, more) => (await who('POST', `/rooms/${id}/messages`, { text, ...more })).offset;

  const news = await say(dan, 'news', 'The hall is closed on Friday. **Saturday** we open at nine.');
  await say(cleo, 'garden', 'Frost tonight, cover the tomatoes 🍅');
  await say(noor, 'garden', 'سأحضر الأغطية بعد العمل');
  await say(ben, 'garden', 'I have two spare ones in the shed.');

  await say(ben, 'tea', 'Morning! Is anyone near the market today?');
  const market = await say(cleo, 'tea', 'I am, around **eleven**. What do we need?');
  await say(ben, 'tea', '- Assam, the loose one\n- lemons\n- oat milk, *two* of them', { reply_to: undefined });
  const list = await say(cleo, 'tea', 'Consider it done.');
  await ben('PUT', `/rooms/tea/messages/${list}/reactions/${encodeURIComponent('🎉')}`);
  await dan('PUT', `/rooms/tea/messages/${list}/reactions/${encodeURIComponent('🎉')}`);
  await ann('PUT', `/rooms/tea/messages/${list}/reactions/${encodeURIComponent('👍')}`);
  await say(dan, 'tea', 'Could you bring `filters` as well? The paper ones, like\n```\nsize 4, unbleached\n```', { reply_to: market });
  await say(cleo, 'tea', 'Size 4, noted.', { reply_to: market });
  const picture = await upload(server, people.noor.token, 'evening.png', evening);
  const shown = await say(noor, 'tea', 'مساء أمس من الشرفة', { attachments: [picture] });
  await ann('PUT', `/rooms/tea/messages/${shown}/reactions/${encodeURIComponent('😍')}`);
  await ben('PUT', `/rooms/tea/messages/${shown}/reactions/${encodeURIComponent('😍')}`);
  await say(ann, 'tea', 'What a light! @cleo, can you see it from yours?');
  await say(cleo, 'tea', 'Only the lower half, the roof is in the way. The recipe I promised is at https://example.org/scones.');
  const kettle = await say(ben, 'tea', 'Kettle is on. Who is in?');
  // Ann has been here; elsewhere something is new.
  await ann('PUT', `/rooms/tea/read/${kettle}`);
  await ann('PUT', `/rooms/news/read/${news}`);
  const direct = await ben('POST', '/direct', { users: [people.ann.id] });
  await say(ben, direct.id, 'Do you have a minute about Saturday?');
  return server;
}

async function upload(server, token, name, bytes) {
  const metadata = `filename ${Buffer.from(name).toString('base64')}`;
  const answer = await fetch(`${server.url}/api/v1/uploads`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'tus-resumable': '1.0.0',
      'upload-length': String(bytes.length),
      'upload-metadata': metadata,
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes,
  });
  if (answer.status !== 201) throw new Error(`upload: ${answer.status} ${await answer.text()}`);
  return answer.headers.get('location').split('/').pop();
}

/** Waits until there is a minute's worth of them, in which something has happened. */
async function figures(person) {
  const token = await server.token('ben');
  await server.call('POST', '/rooms', { token, body: { id: 'sheds', name: 'Sheds' } });
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    // More and less, as it is.
    const some = 1 + Math.round(6 * Math.abs(Math.sin(Date.now() / 9000)));
    await server.send(token, 'sheds', Array(some).fill('Another one is painted.'));
  }
  await person.page.getByRole('img', { name: /^Messages a second: [1-9]/ }).waitFor();
}

mkdirSync(FOLDER, { recursive: true });
const server = await village();
const stage = new Stage(server);
try {
  for (const [look, options] of LOOKS) {
    const ann = await stage.visitor('ann', options);
    const shot = async (view) => {
      // Nothing is pointed at.
      await ann.page.mouse.move(0, 0);
      await ann.isStill();
      await ann.page.screenshot({ path: `${FOLDER}${view}-${look}.png` });
      console.log(`${view}-${look}.png`);
    };
    await shot('entry');
    await ann.logIn();
    await shot('home');
    await ann.at('#/room/tea');
    await ann.sees('Kettle is on.');
    await shot('room');
    await ann.at(`#/room/tea/thread/${await ann.kept('I am, around').first().getAttribute('data-offset')}`);
    await ann.thread.getByText('Size 4, noted.').waitFor();
    await shot('thread');
    await ann.at('#/room/tea/members');
    await ann.side.getByText('Cleo Marin').waitFor();
    await shot('members');
    await ann.at('#/profile');
    await ann.page.getByRole('main').getByText('Where you are logged in.').waitFor();
    await shot('profile');
    await ann.at('#/admin/users');
    await ann.page.getByRole('main').getByText('@cleo').waitFor();
    await shot('users');
    if (look !== 'light') continue;
    await ann.at('#/admin/figures');
    await figures(ann);
    await shot('figures');
  }
} catch (error) {
  await stage.photograph('screenshots');
  throw error;
} finally {
  await stage.close();
  await closeBrowser();
}
