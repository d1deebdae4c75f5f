// One room: its head, its messages, and where one writes.

import { debounce, fill, h, icon } from '../dom.js';
import { app } from '../ctx.js';
import { errorText, list, t } from '../i18n.js';
import { go, router, to } from '../router.js';
import { peopleOf, roomName } from '../store/rooms.js';
import { deleteMessage, mayDelete, mayEdit, messageMenu, openThread, toggleReaction, Toolbar } from './actions.js';
import { presenceText, roomAvatar } from './avatar.js';
import { Composer } from './composer.js';
import { attempt, note, spinner } from './form.js';
import { MessageList } from './list.js';
import { pickEmoji } from './emoji.js';
import { memberMenu } from './members.js';
import { setTitle } from './notify.js';

export class Conversation {
  /** @param {import('../store/room.js').RoomStore} store */
  constructor(store) {
    this.store = store;
    this.stop = new AbortController();
    const { signal } = this.stop;
    const entry = app.inbox.get(store.id);
    store.line = entry?.unread ? entry.read : null;
    store.kept = false;
    this.head = h('header', { class: 'bar' });
    this.body = h('div', { class: 'stage' });
    this.typing = h('div', { class: 'typing', 'aria-live': 'polite' });
    this.foot = h('div', { class: 'foot' });
    this.drop = h('div', { class: 'drop' }, icon('clip', 32), h('p', null, t('attach.drop')));
    this.el = h('div', { class: 'conversation' }, this.head, this.body, this.typing, this.foot, this.drop);
    store.on('status', () => this.drawBody(), signal);
    store.on('room present', () => { this.drawHead(); this.drawFoot(); }, signal);
    store.on('typing', () => this.drawTyping(), signal);
    store.on('discarded', ({ text }) => this.composer?.restore(text), signal);
    store.on('jump', (offset) => this.jump(offset), signal);
    store.on('reset', () => this.list?.newest(), signal);
    store.on('event', (event) => this.event(event), signal);
    app.people.on('change', () => this.drawHead(), signal);
    app.inbox.on('change', (id) => { if (!id || id === store.id) { this.drawJump(); if (store.room && !store.room.role && app.inbox.get(id)) this.drawFoot(); } }, signal);
    this.mark = debounce(400, () => this.markRead());
    for (const type of ['focus', 'visibilitychange']) addEventListener(type, this.mark, { signal });
    document.addEventListener('visibilitychange', this.mark, { signal });
    app.client.addEventListener('state', () => {
      if (app.client.state !== 'online') return;
      if (store.status === 'failed' && store.error?.code === 'offline') this.start(this.at);
      this.mark();
    }, { signal });
    this.dropping(signal);
    this.drawHead();
    this.drawBody();
  }

  async start(at) {
    this.at = at;
    await this.store.open(at);
    if (this.stop.signal.aborted || this.store.status !== 'ready') return;
    this.list.start(at);
    this.drawJump();
    this.mark();
  }

  destroy() {
    clearTimeout(this.unmuting);
    this.list?.destroy();
    this.composer?.destroy();
    this.stop.abort();
  }

  /** Puts the focus where one writes, as soon as there is that. */
  focus() {
    this.before = this.composer ? null : document.activeElement;
    (this.composer ?? this.list?.el ?? this.head.querySelector('h1'))?.focus?.();
  }

  jump(offset) { if (this.list) this.list.jump(offset); }

  drawHead() {
    const { store } = this;
    const { room } = store;
    if (!room) { fill(this.head, this.backLink(), h('h1', null, '')); return; }
    const pane = (name, label, sign) => h('a', { class: 'icon-button', href: router.place.pane === name ? to(store.id) : to(store.id, name), 'aria-label': label, title: label, dataset: { pane: name },
      onclick: (event) => { event.preventDefault(); go(router.place.pane === name ? to(store.id) : to(store.id, name)); } }, icon(sign));
    const others = peopleOf(room);
    const online = [...store.present].length;
    const about = room.kind === 'direct' ? (others.length === 1 ? presenceText(others[0].id) || `@${others[0].username}` : t('members.n', { n: room.member_count }))
      : [t('members.n', { n: room.member_count }), online > 1 && t('online.n', { n: online }), room.topic].filter(Boolean).join(' · ');
    const sign = [roomName(room), about, room.kind, router.place.pane].join('|');
    if (sign === this.headSign) return;
    this.headSign = sign;
    fill(this.head, this.backLink(), roomAvatar(room, 36, true),
      h('a', { class: 'title', href: to(store.id, 'details'), title: t('details') }, h('h1', { dir: 'auto' }, roomName(room)), h('span', { class: 'sub', dir: 'auto' }, about)),
      h('div', { class: 'tools' }, pane('search', t('search'), 'search'), pane('pins', t('pins'), 'pin'), pane('members', t('members'), 'people'), pane('details', t('details'), 'info')));
    setTitle(roomName(room));
  }

  backLink() { return h('a', { class: 'icon-button to-list', href: '#/', 'aria-label': t('back') }, icon('back')); }

  drawBody() {
    const { store } = this;
    if (store.status === 'failed') {
      this.list?.destroy();
      this.list = null;
      this.composer?.destroy();
      this.composer = null;
      this.footKind = null;
      fill(this.foot);
      fill(this.body, note(errorText(store.error), store.error.code !== 'room_deleted' && h('button', { class: 'button quiet', type: 'button', onclick: () => { store.status = 'new'; this.start(this.at); } }, t('retry'))));
      return;
    }
    if (store.status !== 'ready') { if (!this.list) fill(this.body, spinner()); return; }
    if (this.list) return;
    this.list = new MessageList(store, { moved: (below) => { this.below = below; this.drawJump(); this.mark(); } });
    this.list.leave = () => this.composer?.focus();
    this.jumpButton = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => { this.list.toNewest(); this.composer?.focus(); } });
    fill(this.body, this.list.el, this.jumpButton);
    this.actions(this.list.el);
    this.drawFoot();
  }

  /** Pointer and keys over messages. */
  actions(el) {
    const { store } = this;
    const composer = { reply: (message) => this.composer?.reply?.(message), edit: (message) => this.composer?.edit?.(message) };
    this.toolbar = new Toolbar(store, composer, true);
    const at = (event) => event.target.closest?.('article[data-offset]');
    el.addEventListener('pointerover', (event) => { if (event.pointerType === 'mouse') this.toolbar.at(at(event)); });
    el.addEventListener('pointerleave', () => { if (!el.contains(document.activeElement) || !document.activeElement.closest('article')) this.toolbar.at(null); });
    el.addEventListener('focusin', (event) => this.toolbar.at(at(event)));
    const message = (event) => store.known.get(Number(at(event)?.dataset.offset));
    el.addEventListener('contextmenu', (event) => {
      // A long press; the mouse's own menu stays as it is.
      if (event.pointerType === 'mouse' || !message(event) || event.target.closest('a,img')) return;
      event.preventDefault();
      messageMenu(store, message(event), { x: event.clientX, y: event.clientY }, composer);
    });
    el.addEventListener('click', (event) => {
      const user = event.target.closest('[data-user]')?.dataset.user;
      if (user) memberMenu(store, user, event.target);
      // A finger has no hover: a tap brings the buttons up.
      else if (matchMedia('(pointer: coarse)').matches && !event.target.closest('a,button')) this.toolbar.at(at(event));
    });
    el.addEventListener('keydown', (event) => {
      const one = message(event);
      if (!one || event.ctrlKey || event.metaKey || event.altKey || event.target !== at(event)) return;
      const act = {
        r: () => composer.reply(one), t: () => openThread(store, one), e: () => mayEdit(store, one) && composer.edit(one),
        '+': () => pickEmoji(event.target, (emoji) => toggleReaction(store, one, emoji)),
        Enter: () => messageMenu(store, one, event.target.querySelector('.toolbar') ?? event.target, composer),
        Delete: () => mayDelete(store, one) && deleteMessage(store, one), Escape: () => this.composer?.focus(),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  drawFoot() {
    const { store } = this;
    if (!store.room || !this.list) return;
    const left = new Date(store.members?.find((one) => one.user.id === app.me.id)?.muted_until ?? 0) - Date.now();
    clearTimeout(this.unmuting);
    if (left > 0 && left < 86_400_000) this.unmuting = setTimeout(() => this.drawFoot(), left + 500);
    const kind = !store.role ? 'join' : store.canWrite || store.direct ? (left > 0 ? 'muted' : 'write') : store.role === 'reader' ? 'reader' : 'read_only';
    if (kind === this.footKind) { this.composer?.name?.(); return; }
    this.footKind = kind;
    this.composer?.destroy();
    this.composer = null;
    if (kind === 'write') {
      this.composer = new Composer(store, { sent: () => { store.line = null; this.list.toNewest(); } });
      fill(this.foot, this.composer.el);
      // Unless one has gone elsewhere meanwhile.
      if (this.before && [this.before, document.body].includes(document.activeElement)) this.focus();
    } else if (kind === 'join') {
      fill(this.foot, h('div', { class: 'join' }, h('p', null, t('join.text')), h('button', { class: 'button', type: 'button', onclick: () => this.join() }, t('join'))));
    } else fill(this.foot, h('div', { class: 'join' }, h('p', null, icon('lock', 16), ' ', t(`foot.${kind}`))));
  }

  async join() {
    const { store } = this;
    await attempt(async () => {
      await app.client.call('room.join', { room: store.id });
      store.room = await app.client.call('room.get', { room: store.id });
      app.inbox.add(store.room);
      store.emit('room');
      this.composer?.focus();
    });
  }

  drawTyping() {
    const names = [...this.store.typing.values()].map(({ user }) => app.people.name(user));
    fill(this.typing, names.length > 0 && [h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
      h('span', { dir: 'auto' }, names.length > 3 ? t('typing.many') : t('typing', { names: list(names), n: names.length }))]);
  }

  drawJump() {
    if (!this.list || !this.jumpButton) return;
    const unread = app.inbox.get(this.store.id)?.unread ?? 0;
    const far = !this.list.stuck && ((this.below ?? 0) > 200 || !this.store.atEnd || this.list.to !== Infinity);
    this.jumpButton.hidden = !far;
    const sign = `${unread}`;
    if (!far || sign === this.jumpSign) return;
    this.jumpSign = sign;
    fill(this.jumpButton, icon('down', 18), unread > 0 ? t('jump.n', { n: unread }) : t('jump'));
  }

  event(event) {
    if (event.type !== 'message.created') return;
    const { store } = this;
    // The line stands before what came while nobody looked.
    if (event.actor.id !== app.me.id && !document.hasFocus() && store.line == null) store.line = event.offset - 1;
    this.mark();
  }

  markRead() {
    const { store } = this;
    const entry = app.inbox.get(store.id);
    if (!entry || !this.list || store.kept || this.stop.signal.aborted || document.hidden || !document.hasFocus() || app.client.state !== 'online') return;
    const seen = this.list.lastSeen();
    if (seen <= entry.read || !(entry.unread || seen > entry.read + 20)) return;
    app.client.call('read.mark', { room: store.id, offset: seen }).then((answer) => app.inbox.marked(answer), () => {});
  }

  /** Files that are dragged here. */
  dropping(signal) {
    let depth = 0;
    const has = (event) => [...event.dataTransfer?.types ?? []].includes('Files');
    const on = (type, act) => this.el.addEventListener(type, (event) => { if (has(event)) { event.preventDefault(); act(event); } }, { signal });
    on('dragenter', () => { depth += 1; this.el.classList.add('dropping'); });
    on('dragover', () => {});
    on('dragleave', () => { depth -= 1; if (depth <= 0) { depth = 0; this.el.classList.remove('dropping'); } });
    on('drop', (event) => { depth = 0; this.el.classList.remove('dropping'); this.composer?.attach([...event.dataTransfer.files]); });
  }
}
