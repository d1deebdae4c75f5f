// What a list shows one below the other: which messages begin a day, which belong to the one before, and what happened between.

import { app } from '../ctx.js';
import { sameDay } from '../i18n.js';
import { toldText } from './told.js';

/** Messages of one sender within so many milliseconds stand under one name. */
export const TOGETHER = 5 * 60_000;

/**
 * @param {any[]} messages
 * @param {any} before the message above the first
 * @param {{line?: number, last?: number, readers?: any[], told?: any[]}} [more] see store/told.js for what was told
 */
export function arrange(messages, before, { line, last, readers, told = [] } = {}) {
  const items = [];
  let previous = before, at = 0;
  // Where the place is above what is drawn, there is no line.
  let lined = line == null || before?.offset > line;
  const begins = (moment) => (!previous || !sameDay(previous.created_at, moment) ? moment : undefined);

  function tell(until) {
    for (; told[at]?.offset < until; at += 1) {
      const one = told[at], day = begins(one.created_at), above = items.at(-1);
      if (!day && one.what === 'joined' && above?.told?.[0].what === 'joined') above.told.push(one);
      else items.push({ told: [one], key: `t${one.offset}`, day });
      previous = one;
    }
  }

  for (const message of messages) {
    tell(message.offset);
    const item = { message, key: String(message.offset), day: begins(message.created_at) };
    if (!lined && message.offset > line && message.sender.id !== app.me.id) { item.line = true; lined = true; }
    item.grouped = !item.day && !item.line && previous.sender?.id === message.sender.id && !message.quote && !previous.deleted_at && !message.deleted_at
      && new Date(message.created_at) - new Date(previous.created_at) < TOGETHER;
    if (message.offset === last) item.readers = readers;
    items.push(item);
    previous = message;
  }
  tell(Infinity);
  return items;
}

/** What a row depends on. */
export const signOf = (item) => (item.pending ? [item.pending.state, item.pending.error?.code, item.grouped, item.day, item.ends && app.client.state !== 'online']
  : [item.told ? toldText(item.told) : item.message.v, item.grouped, item.day && new Date().toDateString(), item.line, item.readers?.map(({ id }) => id)]).join('|');
