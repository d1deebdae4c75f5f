// What happened in a room besides messages, in a line.

import { app } from '../ctx.js';
import { list, t } from '../i18n.js';

const MOST = 4;
/** Names of any direction, and what stands around them. */
const name = (user) => `\u2068${app.people.name(user)}\u2069`;

/** @param {any[]} told several, where they are of one kind; see store/told.js */
export function toldText(told) {
  const [{ what, actor, user, text = '' }] = told;
  const names = told.slice(0, MOST).map((one) => name(one.user ?? one.actor));
  if (told.length > MOST) names.push(t('told.others', { n: told.length - MOST }));
  return t(`told.${what}`, { actor: name(actor), name: user && name(user), names: list(names), n: told.length, text: `\u2068${text}\u2069` });
}
