// All rooms: their names and numbers, and nothing of what is said in them.

import { h, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { moment, t } from '../i18n.js';
import { to } from '../router.js';
import { showAudit } from '../views/audit.js';
import { roomAvatar } from '../views/avatar.js';
import { attempt, confirm } from '../views/form.js';
import { openMenu } from '../views/menu.js';
import { act, ask } from './ask.js';
import { find } from './find.js';

export const rooms = (q) => find('rooms', { q, label: t('admin.rooms.find'), row, none: t('admin.rooms.none') });

/** What a room is called by one who may be no member of it: a direct one's people are not told. */
export const nameFor = (room) => (room.kind === 'direct' ? t('kind.direct') : room.name);

/** Where a room is read, by those who may. */
export const linkTo = (room, ...where) => (room.kind === 'public' || app.inbox.get(room.id) ? to(room.id, ...where) : null);

function row(room) {
  const name = nameFor(room);
  const path = `rooms/${encodeURIComponent(room.id)}`;
  const href = linkTo(room);
  const el = h('div', { class: 'user-row still', role: 'listitem', title: t('room.since', { when: moment(room.created_at) }) },
    room.kind === 'direct' ? h('span', { class: 'avatar square', 'aria-hidden': 'true', dataset: { initials: '@' }, style: { '--size': '36px' } }) : roomAvatar(room, 36),
    h(href ? 'a' : 'span', { class: 'person-text', href }, h('b', { dir: 'auto' }, name),
      h('span', { class: 'muted' }, [room.id, room.kind !== 'direct' && t(`kind.${room.kind}`)].filter(Boolean).join(' · '), ' · ', h('span', { class: 'whole' }, t('members.n', { n: room.member_count })))),
    room.kind === 'direct' ? h('span', { class: 'icon-button' }) : iconButton('more', t('admin.room.menu', { name }), (event) => openMenu(event.currentTarget, [
      { label: t('audit'), icon: 'retry', run: () => showAudit((page) => ask(`${path}/audit`, page)) },
      { label: t('room.delete'), icon: 'trash', danger: true, run: remove },
    ]), { 'aria-haspopup': 'menu' }));

  async function remove() {
    if (!(await confirm({ title: t('room.delete'), text: t('room.delete.text', { name }), action: t('room.delete') }))) return;
    if (!await attempt(() => act('DELETE', path), t('room.deleted', { name }))) return;
    const near = el.nextElementSibling ?? el.previousElementSibling;
    el.remove();
    (near?.querySelector('button,a[href]') ?? document.querySelector('main h1'))?.focus();
  }

  return el;
}
