// Several tabs of one browser share a log-in, whose refresh token may be spent once: a second time ends it.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

// In a page: asks for something, and for other tokens each time.
async function renews(times) {
  const { Client, browserTokens } = await import(new URL('client.js', document.querySelector('script[type=module]').src));
  const tokens = browserTokens();
  const client = new Client({ tokens: { ...tokens, load: () => ({ ...tokens.load(), renew_at: 0 }) } });
  for (let n = 0; n < times; n += 1) await client.request('GET', '/users/me');
  return (await client.request('GET', '/sessions')).items.length;
}

for (const locks of [true, false]) {
  scene(`tabs that renew together spend no token twice, ${locks ? 'with' : 'without'} locks of the browser`, async (stage) => {
    const ann = await stage.visitor('ann');
    const context = ann.page.context();
    // As on a page that came over plain HTTP from another machine.
    if (!locks) await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
    await ann.page.reload();
    await ann.signUp();
    const tabs = [ann.page, await context.newPage(), await context.newPage()];
    await Promise.all(tabs.slice(1).map((page) => page.goto(stage.server.url)));
    assert.deepEqual(await Promise.all(tabs.map((page) => page.evaluate(renews, 10))), [1, 1, 1]);
    for (const page of tabs) await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  });
}
