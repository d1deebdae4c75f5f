// The texts of the page: the same in all languages, and none that nobody reads. No browser is needed for it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import de from '../../web/lang/de.js';
import en from '../../web/lang/en.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** All that files of these kinds say below a folder. */
function source(folder, kind, without = 'lang') {
  const found = readdirSync(here(folder), { withFileTypes: true, recursive: true });
  const files = found.filter((one) => one.isFile() && one.name.endsWith(kind) && !(one.parentPath ?? one.path).endsWith(without));
  return files.map((one) => readFileSync(`${one.parentPath ?? one.path}/${one.name}`, 'utf8')).join('\n');
}

const page = source('../../web/', '.js');
const server = source('../../crates/', '.rs', 'target');

test('all languages have the same texts, with the same places in them', () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  const places = (text) => [...new Set((typeof text === 'string' ? text : text.other).match(/\{\w+\}/g))].sort();
  for (const key of Object.keys(en)) {
    assert.deepEqual(places(de[key]), places(en[key]), key);
    for (const text of [de[key], en[key]]) if (typeof text === 'object') assert.ok(text.one && text.other, `${key} has its forms`);
  }
});

test('texts stand in the order of their keys, so that each is found', () => {
  const parts = Object.keys(en).map((key) => key.split('.')[0]);
  const seen = new Set();
  parts.forEach((part, n) => {
    assert.ok(part === parts[n - 1] || !seen.has(part), `${part} is in one place`);
    seen.add(part);
  });
});

test('every text is used', () => {
  const quoted = (word, text) => ["'", '"', '`'].some((mark) => text.includes(`${mark}${word}${mark}`));
  // What is put together: t(`role.${role}`), of which the rest is a word of the page's or of the server's.
  const prefixes = [...page.matchAll(/`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix);
  // Refusals of fields are put together by the server: the name of the field, and what is wrong with it.
  const composed = /^error\.\w+_(malformed|too_long|too_short|taken|unknown|refused|forbidden_character)$/;
  const whole = (key) => quoted(key, page) || composed.test(key)
    || prefixes.some((prefix) => key.startsWith(prefix) && [page, server].some((text) => quoted(key.slice(prefix.length), text)))
    // t(`${name}.none`), t(`${name}.text`)
    || ['.none', '.text'].some((end) => key.endsWith(end) && page.includes(`}${end}\``) && quoted(key.slice(0, -5), page));
  assert.deepEqual(Object.keys(en).filter((key) => !whole(key)), []);
});

test('every text that is asked for is there', () => {
  const asked = [...page.matchAll(/\bt\('([\w.]+)'/g)].map(([, key]) => key);
  assert.ok(asked.length > 100);
  assert.deepEqual(asked.filter((key) => !(key in en)), []);
});
