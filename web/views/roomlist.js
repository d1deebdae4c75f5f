// The rooms of the user, those first where somebody wrote last.

import { eachFrame, fill, h, icon, iconButton, keyed } from '../dom.js';
import { app } from '../ctx.js';
import { t, when } from '../i18n.js';
import { go, router, to } from '../router.js';
import { plain } from '../markup.js';
import { fold } from '../store/people.js';
import { draft } from '../store/drafts.js';
import { peopleOf, roomName } from '../store/rooms.js';
import { roomAvatar, userAvatar } from './avatar.js';
import { openMenu } from './menu.js';
import { createRoom, newDirect } from './roomdialogs.js';
import { showShortcuts } from './shortcuts.js';

export class RoomList {
  createRoom = createRoom;

  constructor() {
    this.rows = h('div', { class: 'room-rows', role: 'list', 'aria-label': t('rooms'), onkeydown: (event) => this.key(event), onfocusin: () => this.rove() });
    this.filter = h('input', {
      type: 'search', placeholder: t('rooms.find'), 'aria-label': t('rooms.find'), autocomplete: 'off', spellcheck: 'false',
      oninput: () => this.draw(),
      onkeydown: (event) => {
        if (event.key === 'ArrowDown' && !event.altKey) { event.preventDefault(); this.rows.querySelector('a')?.focus(); }
        if (event.key === 'Escape') { this.filter.value = ''; this.draw(); }
        if (event.key === 'Enter' && this.filter.value.trim()) {
          const [only] = this.rows.querySelectorAll('a');
          if (only && !event.shiftKey) { go(only.getAttribute('href')); this.filter.value = ''; this.draw(); } else this.search();
        }
      },
    });
    this.me = h('button', { class: 'me', type: 'button', onclick: (event) => this.menu(event.currentTarget) });
    this.none = h('div', { class: 'note' });
    this.find = h('button', { class: 'find-messages', type: 'button', hidden: true, onclick: () => this.search() });
    this.el = h('div', { class: 'rooms', role: 'navigation', 'aria-label': t('rooms') }, h('h1', { class: 'hidden-text' }, t('app')),
      h('div', { class: 'bar' }, this.me,
        iconButton('search', t('search.all'), () => go('#/search')),
        iconButton('plus', t('rooms.new'), (event) => openMenu(event.currentTarget, [
          { label: t('rooms.create'), icon: 'hash', run: createRoom },
          { label: t('direct.new'), icon: 'people', run: newDirect },
          { label: t('rooms.browse'), icon: 'search', run: () => go('#/browse') },
        ]), { 'aria-haspopup': 'menu' })),
      h('div', { class: 'filter' }, icon('search', 16), this.filter), this.find,
      this.none, this.rows);
    this.draw = this.draw.bind(this);
    const soon = eachFrame(this.draw);
    app.inbox.on('change', soon);
    app.people.on('change', soon);
    setInterval(soon, 60_000);
    this.draw();
  }

  select(place) {
    this.place = place;
    this.draw();
  }

  search() { go(`#/search?q=${encodeURIComponent(this.filter.value.trim())}`); }

  menu(anchor) {
    app.learn();
    openMenu(anchor, [
      { label: t('profile'), icon: 'gear', run: () => go('#/profile') },
      null,
      { label: t('bookmarks'), icon: 'bookmark', run: () => go('#/bookmarks') },
      { label: t('threads'), icon: 'thread', run: () => go('#/threads') },
      { label: t('scheduled'), icon: 'clock', run: () => go('#/scheduled') },
      null,
      app.admin && { label: t('admin'), icon: 'shield', run: () => go('#/admin') },
      { label: t('shortcuts'), icon: 'info', run: showShortcuts },
      { label: t('logout'), icon: 'out', run: () => app.logOut() },
    ]);
  }

  draw() {
    fill(this.me, userAvatar(app.me, 32), h('span', { class: 'me-name', dir: 'auto' }, app.me.display_name));
    this.me.setAttribute('aria-label', t('account', { name: app.me.display_name }));
    this.me.setAttribute('aria-haspopup', 'menu');
    const wanted = fold(this.filter.value.trim());
    const all = app.inbox.sorted();
    const entries = all.filter((entry) => !wanted || fold(roomName(entry.room)).includes(wanted));
    for (const entry of all.slice(0, 30)) if (entry.room.people?.length === 2) peopleOf(entry.room).forEach((user) => app.people.ask(user.id));
    keyed(this.rows, entries, (entry) => entry.room.id, (entry) => this.sign(entry), (entry) => this.row(entry));
    this.rove();
    this.find.hidden = !wanted;
    fill(this.find, icon('search', 18), h('span', null, t('search.messages', { q: this.filter.value.trim() })));
    const text = !app.inbox.loaded ? t('loading') : wanted ? t('rooms.none.found') : t('rooms.none');
    this.none.hidden = entries.length > 0;
    fill(this.none, h('p', null, text), app.inbox.loaded && !wanted && h('a', { class: 'button', href: '#/browse' }, t('rooms.browse')));
  }

  sign(entry) {
    const { room, last_message: last } = entry;
    const people = room.people?.map((user) => app.people.name(user) + (app.people.presence.get(user.id)?.availability ?? '')).join() ?? '';
    return [this.place?.room === room.id, room.name, room.kind, entry.unread, entry.mentions, entry.active_at && when(entry.active_at),
      last?.offset, last?.edited_at, last?.deleted_at, people, draft(room.id).slice(0, 80)].join('|');
  }

  row(entry) {
    const { room, last_message: last, unread, mentions } = entry;
    const name = roomName(room);
    const begun = this.place?.room !== room.id && draft(room.id);
    const who = last && (last.sender.id === app.me.id ? `${t('you')}: ` : room.kind === 'direct' && room.people.length < 3 ? '' : `${app.people.name(last.sender)}: `);
    const preview = begun ? [h('span', { class: 'accent' }, `${t('draft')}: `), plain(begun)]
      : last ? [who, last.deleted_at ? h('i', null, t('message.deleted')) : plain(last.text) || last.attachments?.map((file) => file.name).join(', ')]
        : room.topic || t(`kind.${room.kind}`);
    const here = this.place?.room === room.id;
    return h('div', { role: 'listitem' }, h('a', { class: `room-row ${unread ? 'unread' : ''}`, href: to(room.id), 'aria-current': here && 'page' },
      roomAvatar(room, 44, true),
      h('span', { class: 'room-text' },
        h('span', { class: 'room-line' }, h('span', { class: 'room-name', dir: 'auto' }, name), entry.active_at && h('span', { class: 'room-when' }, when(entry.active_at))),
        h('span', { class: 'room-line' }, h('span', { class: 'room-last', dir: 'auto' }, preview),
          mentions > 0 && room.kind !== 'direct' && h('span', { class: 'badge', 'aria-label': t('mentions.n', { n: mentions }) }, '@'),
          unread > 0 && h('span', { class: `badge ${mentions || room.kind === 'direct' ? '' : 'soft'}`, 'aria-label': t('unread.n', { n: unread }) }, unread > 999 ? '999+' : String(unread))))));
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey) return;
    const all = [...this.rows.querySelectorAll('a')];
    const at = all.indexOf(document.activeElement);
    event.preventDefault();
    if (at + step < 0) this.filter.focus();
    else all[at + step]?.focus();
  }

  /** All of the list is one stop of the Tab key: where one is in it, or the room that is shown, or the first. */
  rove() {
    const all = [...this.rows.querySelectorAll('a')];
    const stop = all.find((one) => one === document.activeElement) ?? all.find((one) => one.hasAttribute('aria-current')) ?? all[0];
    for (const one of all) one.tabIndex = one === stop ? 0 : -1;
  }

  /** The room before or behind the one that is shown. */
  step(by) {
    const all = app.inbox.sorted();
    const at = all.findIndex((entry) => entry.room.id === router.place.room);
    const next = all[at < 0 ? 0 : at + by];
    if (next) go(to(next.room.id));
  }
}
