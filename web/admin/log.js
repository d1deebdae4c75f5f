// What administrators have done, the latest first.

import { h } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { actRow } from '../views/audit.js';
import { paged } from '../views/form.js';
import { ask } from './ask.js';

export function log() {
  const body = h('div');
  paged(body, (cursor) => ask('log', { limit: 50, cursor }), ({ by, at, act, user, room, detail }) =>
    actRow(by.display_name, at, t(act === 'report.settle' ? `admin.log.report.${detail}` : `admin.log.${act}`, { name: user ? app.people.name(user) : detail || room, room })), t('audit.none'));
  return { el: [h('p', { class: 'muted lead' }, t('admin.log.text')), body] };
}
