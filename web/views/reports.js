// A message that somebody has reported, for those who decide about it.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { inFull } from '../store/people.js';
import { messageCard } from './message.js';

/** @param {any} report @param {any} message @param {{href: string|null, where?: string}} more @param {any[]} actions buttons */
export function reportCard(report, message, more, ...actions) {
  const by = report.reporter ? t('report.by', { name: inFull(report.reporter) }) : t('report.server');
  // What it said when it was reported, whatever has become of it.
  return h('div', { class: 'card report', role: 'listitem' }, h('div', { class: 'body' },
    h('p', { class: 'muted', dir: 'auto' }, by, report.reason && `: ${report.reason}`),
    messageCard(message, { ...more, text: document.createTextNode(report.text), role: null }),
    h('div', { class: 'form-actions' }, actions)));
}
