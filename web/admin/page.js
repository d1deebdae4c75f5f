// The operator's corner: fetched when an administrator goes there, and by nobody else.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { figures } from './figures.js';
import { log } from './log.js';
import { reports } from './reports.js';
import { rooms } from './rooms.js';
import { users } from './users.js';

const SECTIONS = { figures, users, rooms, reports, log };

/** @param {string} [section] one of the names above @param {string} [q] what is looked for in it */
export function admin(section, q) {
  const here = Object.hasOwn(SECTIONS, section ?? '') ? section : 'figures';
  const links = Object.keys(SECTIONS).map((name) => h('a', { class: 'choice-chip', href: `#/admin/${name}`, 'aria-current': name === here && 'page' }, t(`admin.${name}`)));
  const { el, destroy } = SECTIONS[here](q);
  return { el: [h('nav', { class: 'pane-tools choices', 'aria-label': t('admin') }, links), el], destroy };
}
