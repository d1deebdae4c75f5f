// The page speaks the language of the browser, and takes what people write in any.

import assert from 'node:assert/strict';
import { scene } from './harness.js';

scene('a German browser is spoken to in German, any other in English', async (stage) => {
  const german = await stage.visitor('jana', { locale: 'de-AT' });
  await german.page.getByRole('button', { name: 'Konto anlegen' }).or(german.page.getByRole('tab', { name: 'Registrieren' })).first().waitFor();
  assert.equal(await german.page.locator('html').getAttribute('lang'), 'de');
  const other = await stage.visitor('aino', { locale: 'fi-FI' });
  await other.page.getByRole('tab', { name: 'Sign up' }).waitFor();
  assert.equal(await other.page.locator('html').getAttribute('lang'), 'en');
});

scene('what is written from right to left is shown so, beside what is not', async (stage) => {
  const ann = await stage.signUp('ann');
  await ann.create('غرفة الشاي');
  await ann.say('متى نلتقي؟ at 5');
  await ann.say('At five, بعد العمل');
  await ann.sees('At five');
  const direction = (text) => ann.kept(text).locator('[data-text]').evaluate((one) => {
    const inner = one.querySelector('p') ?? one;
    return getComputedStyle(inner).direction;
  });
  assert.equal(await direction('متى نلتقي؟'), 'rtl');
  assert.equal(await direction('At five'), 'ltr');
  await ann.rooms.filter({ hasText: 'غرفة الشاي' }).waitFor();
});
