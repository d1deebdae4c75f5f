// The public rooms, to be looked at and joined.

import { h, icon } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { go, to } from '../router.js';
import { fold } from '../store/people.js';
import { roomAvatar } from '../views/avatar.js';
import { attempt, paged } from '../views/form.js';
import { createRoom } from '../views/roomdialogs.js';

export function browsePage() {
  const input = h('input', { type: 'search', placeholder: t('rooms.find'), 'aria-label': t('rooms.find'), autocomplete: 'off', oninput: () => sift() });
  const body = h('div');
  const sift = () => {
    const wanted = fold(input.value.trim());
    for (const row of body.querySelectorAll('[data-name]')) row.hidden = !row.dataset.name.includes(wanted);
  };
  paged(body, async (cursor) => {
    const page = await app.client.call('room.list', { limit: 100, ...(cursor && { cursor }) });
    setTimeout(sift);
    return page;
  }, (room) => {
    const joined = room.role || app.inbox.get(room.id);
    return h('div', { class: 'card room-card', role: 'listitem', dataset: { name: fold(`${room.name} ${room.topic}`) } },
      h('a', { class: 'card-link', href: to(room.id) }, roomAvatar(room, 44), h('div', { class: 'body' }, h('b', { dir: 'auto' }, room.name), h('p', { class: 'muted', dir: 'auto' }, [t('members.n', { n: room.member_count }), room.topic].filter(Boolean).join(' · ')))),
      joined ? h('span', { class: 'tag' }, icon('check', 12), t('joined')) : h('button', { class: 'button small', type: 'button', 'aria-label': t('join.name', { name: room.name }), onclick: () => attempt(async () => {
        await app.client.call('room.join', { room: room.id });
        app.inbox.add({ ...room, role: 'member' });
        app.rooms.drop(room.id);
        go(to(room.id));
      }) }, t('join')));
  }, t('browse.none'));
  return {
    title: t('rooms.browse'),
    el: h('div', { class: 'page' }, h('div', { class: 'pane-tools' }, h('div', { class: 'filter' }, icon('search', 16), input), h('button', { class: 'button', type: 'button', onclick: createRoom }, icon('plus', 18), t('rooms.create'))), body),
  };
}
