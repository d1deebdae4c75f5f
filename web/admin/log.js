// What administrators have done, the latest first.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { inFull } from '../store/people.js';
import { nameOf } from '../store/rooms.js';
import { actRow } from '../views/audit.js';
import { paged } from '../views/form.js';
import { ask } from './ask.js';

export function log() {
  const body = h('div');
  paged(body, (cursor) => ask('log', { limit: 50, cursor }), ({ by, at, act, user, room, detail }) => {
    const key = act === 'report.settle' ? `admin.log.report.${detail}` : `admin.log.${act}`;
    return actRow(inFull(by), at, t(key, { name: user ? inFull(user) : detail || room, room: room?.startsWith('direct-') ? t('kind.direct') : nameOf(room) }));
  }, t('audit.none'));
  return { el: [h('p', { class: 'muted lead' }, t('admin.log.text')), body] };
}
