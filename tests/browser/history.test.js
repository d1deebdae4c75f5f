// A long history is read without having all of it in the document.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

const MESSAGES = 10_000;

/** How many elements there may be, whatever was scrolled through. */
const NODES = 6000;

scene('ten thousand messages are scrolled through, to the first and back', async (stage) => {
  const { server } = stage;
  const owner = await server.account('owner');
  await server.call('POST', '/rooms', { token: owner.token, body: { id: 'long', name: 'Long' } });
  await server.send(owner.token, 'long', Array.from({ length: MESSAGES - 1 }, (_, n) => `message ${n}\n`.repeat(1 + (n % 3)).trim()), 64);
  await server.send(owner.token, 'long', ['the newest']);
  const ann = await stage.signUp('ann');
  await ann.join('Long');
  await ann.sees('the newest');

  // As long as there is something above it scrolls by a screen, and sees that what is in view stays where it is.
  const { first, most, jumps } = await ann.log.evaluate(async (log, wanted) => {
    const scroller = [log, ...(function* up(one) { while ((one = one.parentElement)) yield one; })(log)]
      .find((one) => /auto|scroll/.test(getComputedStyle(one).overflowY));
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const offsets = () => [...log.querySelectorAll('[data-offset]')];
    const top = () => Number(offsets()[0]?.dataset.offset ?? Infinity);
    let most = 0;
    const jumps = [];
    const began = performance.now();
    while (top() > wanted && performance.now() - began < 240_000) {
      const before = top();
      scroller.scrollTop = Math.max(0, scroller.scrollTop - scroller.clientHeight);
      await frame();
      // What is in the middle of the view must not move when older messages come in above it.
      const middle = scroller.getBoundingClientRect().top + scroller.clientHeight / 2;
      const seen = offsets().find((one) => one.getBoundingClientRect().bottom > middle);
      const at = [seen?.dataset.offset, seen?.getBoundingClientRect().top, scroller.scrollTop];
      if (scroller.scrollTop < scroller.clientHeight) {
        await new Promise((done) => {
          const watch = new MutationObserver(() => { watch.disconnect(); done(); });
          watch.observe(log, { childList: true, subtree: true });
          if (top() !== before || top() <= wanted) { watch.disconnect(); done(); }
        });
        await frame();
        const same = log.querySelector(`[data-offset="${at[0]}"]`);
        const moved = same ? Math.abs(same.getBoundingClientRect().top - at[1]) : 0;
        if (moved > 2) jumps.push(`${at[0]} by ${moved}`);
      }
      most = Math.max(most, document.querySelectorAll('*').length);
    }
    return { first: top(), most, jumps };
  }, 3);
  assert.ok(first <= 3, `the first one in the document is ${first}`);
  assert.ok(most < NODES, `${most} elements are too many`);
  assert.deepEqual(jumps, []);

  await ann.page.getByRole('button', { name: 'Jump to newest' }).click();
  await ann.message('the newest').waitFor();
  await server.send(owner.token, 'long', ['a newer one']);
  await ann.sees('a newer one');
}, { timeout: 300_000 });
