// Texts in the language of the browser.

import en from './lang/en.js';
import de from './lang/de.js';
import { recall } from './store/kept.js';

const LANGUAGES = { en, de };
const wished = recall('language');
const tags = [wished, ...navigator.languages].filter(Boolean);
const tag = tags.find((one) => LANGUAGES[one.split('-')[0]]) ?? 'en';

/** The language that is spoken: a key of `LANGUAGES`. */
export const language = tag.split('-')[0];
const texts = LANGUAGES[language];
const plural = new Intl.PluralRules(tag);

/** What can be chosen. */
export const languages = { en: 'English', de: 'Deutsch' };

/**
 * A text. `{name}` in it is replaced by what `vars` has; a text with forms is chosen by the number `n`.
 * @param {string} key
 * @param {Record<string, any>} [vars]
 */
export function t(key, vars = {}) {
  let text = texts[key] ?? en[key] ?? key;
  if (typeof text === 'object') text = text[plural.select(vars.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof vars[name] === 'number' ? number(vars[name]) : vars[name] ?? ''));
}

/** Whether there is such a text. */
export const has = (key) => key in texts;

const format = (options) => new Intl.DateTimeFormat(tag, options);
const clock = format({ hour: 'numeric', minute: '2-digit' });
const weekday = format({ weekday: 'long' });
const shortDay = format({ weekday: 'short' });
const dayMonth = format({ day: 'numeric', month: 'short' });
const longDay = format({ weekday: 'long', day: 'numeric', month: 'long' });
const fullDay = format({ day: 'numeric', month: 'long', year: 'numeric' });
const shortDate = format({ day: '2-digit', month: '2-digit', year: '2-digit' });
const full = format({ dateStyle: 'full', timeStyle: 'short' });
const numbers = new Intl.NumberFormat(tag);
const lists = new Intl.ListFormat(tag, { type: 'conjunction' });

export const number = (n) => numbers.format(n);
export const list = (words) => lists.format(words);
export const time = (at) => clock.format(new Date(at));
export const moment = (at) => full.format(new Date(at));

/** How many midnights ago, in the time of this device. */
function ago(at) {
  const noon = (date) => new Date(date).setHours(12, 0, 0, 0);
  return Math.round((noon(Date.now()) - noon(at)) / 86_400_000);
}

/** Whether two moments are of one day. */
export const sameDay = (a, b) => new Date(a).setHours(0, 0, 0, 0) === new Date(b).setHours(0, 0, 0, 0);

/** A name for a day between messages. */
export function day(at) {
  const days = ago(at);
  if (days === 0) return t('day.today');
  if (days === 1) return t('day.yesterday');
  if (days > 1 && days < 7) return weekday.format(new Date(at));
  return (new Date(at).getFullYear() === new Date().getFullYear() ? longDay : fullDay).format(new Date(at));
}

/** The shortest that says when, for lists. */
export function when(at) {
  const days = ago(at);
  if (days <= 0) return time(at);
  if (days < 7) return shortDay.format(new Date(at));
  return (new Date(at).getFullYear() === new Date().getFullYear() ? dayMonth : shortDate).format(new Date(at));
}

export function size(bytes) {
  const units = ['B', 'KB', 'MB', 'GB'];
  let unit = 0;
  while (bytes >= 1000 && unit < 3) { bytes /= 1000; unit += 1; }
  return `${numbers.format(unit ? Math.round(bytes * 10) / 10 : bytes)} ${units[unit]}`;
}

/** A refusal of the server in words. */
export function errorText(error) {
  const key = `error.${error?.code}`;
  if (has(key)) return t(key, { n: Math.ceil(error.retryAfter ?? 1), limit: error.limit ?? '' });
  if (/_empty$/.test(error?.code)) return t('error.empty');
  if (/_too_long$/.test(error?.code)) return t('error.too_long');
  if (error?.status >= 500) return t('error.unavailable');
  return t('error.other', { code: error?.code ?? error?.message ?? '?' });
}

document.documentElement.lang = language;
