// The messages of a room: however many there are, only those near the view are in the document.

import { eachFrame, fill, h, keyed } from '../dom.js';
import { app } from '../ctx.js';
import { sameDay, t } from '../i18n.js';
import { find } from '../store/history.js';
import { roomName } from '../store/rooms.js';
import { arrange, signOf, TOGETHER } from './arrange.js';
import { roomAvatar } from './avatar.js';
import { messageRow } from './message.js';

/** How many rows are drawn at the most, and how many are added at once. */
const MOST = 140, STEP = 30;
/** How near, in pixels, one gets to the end of what is drawn before there is more. */
const REACH = 900;

export class MessageList {
  /** The first and the last offset that are drawn; the last is Infinity while the end is followed. */
  from = 0;
  to = Infinity;
  stuck = true;

  /** @param {import('../store/room.js').RoomStore} store */
  constructor(store, { moved }) {
    this.store = store;
    this.moved = moved;
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.top = h('div', { class: 'list-top' });
    this.inner = h('div', { class: 'rows-inner' });
    this.bottom = h('div', { class: 'list-bottom' });
    this.el = h('div', { class: 'list', role: 'log', 'aria-live': 'off', 'aria-label': t('messages'), tabindex: 0, onkeydown: (event) => this.key(event) }, this.top, this.inner, this.bottom);
    // Who unfolds a message reads on there.
    this.inner.addEventListener('fold', () => { this.stuck = false; });
    this.el.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.soon = eachFrame(() => { if (!signal.aborted) this.draw(); });
    store.on('messages told pins reads room', this.soon, signal);
    app.outbox.addEventListener('change', ({ detail }) => { if (detail === store.id) this.soon(); }, { signal });
    app.outbox.addEventListener('sent', ({ detail }) => {
      // Shown before its event comes: between the two there would be nothing.
      if (detail.room !== store.id || !store.atEnd) return;
      store.learn(detail.message);
      store.insert(detail.message.offset);
      this.soon();
    }, { signal });
    app.client.addEventListener('state', this.soon, { signal });
    this.sizes = new ResizeObserver(() => { if (this.stuck) this.toEnd(); });
    this.sizes.observe(this.el);
    this.sizes.observe(this.inner);
  }

  destroy() {
    this.stop.abort();
    this.sizes.disconnect();
    const anchor = this.anchor();
    this.store.view = { from: this.from, to: this.to, stuck: this.stuck, anchor: anchor && { key: anchor.row.dataset.row, top: anchor.top } };
  }

  /** Where one was, or where there is something new, or the end; or around a message. */
  start(at) {
    const { store } = this;
    const { range } = store;
    const view = store.view;
    store.view = null;
    const entry = app.inbox.get(store.id);
    const first = store.line != null && range.length ? range[find(range, store.line + 1)] : null;
    if (at) this.jump(at, false);
    else if (entry?.unread && first) this.center(first, 0.25);
    else if (view && !view.stuck && view.anchor) {
      Object.assign(this, { from: view.from, to: view.to, stuck: false });
      this.draw();
      const row = this.row(view.anchor.key);
      if (row) this.el.scrollTop += row.getBoundingClientRect().top - this.el.getBoundingClientRect().top - view.anchor.top;
    } else this.newest();
  }

  /** Follows the end. */
  newest() {
    const { range } = this.store;
    this.from = range.at(-60) ?? range[0] ?? 0;
    this.to = Infinity;
    this.stuck = true;
    this.draw();
  }

  async toNewest() {
    if (!this.store.atEnd) await this.store.newest().catch(() => {});
    this.newest();
  }

  toEnd() { this.el.scrollTop = this.el.scrollHeight; }

  /** Shows a message in the middle and lets it be found. */
  async jump(offset, smooth = true) {
    if (find(this.store.range, offset) >= this.store.range.length || !this.store.range.includes(offset)) {
      await this.store.around(offset).catch(() => {});
    }
    this.center(offset, 0.4);
    const article = this.article(offset);
    if (!article) { app.toast(t('message.lost')); return; }
    article.classList.add('flash');
    article.addEventListener('animationend', () => article.classList.remove('flash'), { once: true });
    if (smooth) article.focus({ preventScroll: true });
  }

  center(offset, part) {
    const { range } = this.store;
    const place = find(range, offset);
    this.from = range[Math.max(0, place - 50)] ?? 0;
    const end = Math.min(range.length - 1, place + 70);
    this.to = end === range.length - 1 && this.store.atEnd ? Infinity : range[end] ?? Infinity;
    this.stuck = false;
    this.draw();
    const row = this.row(String(range[place] ?? ''));
    if (row) this.el.scrollTop += row.getBoundingClientRect().top - this.el.getBoundingClientRect().top - this.el.clientHeight * part;
    this.scrolled();
  }

  row(key) { return this.inner.rows?.get(key)?.node; }
  article(offset) { return this.row(String(offset))?.querySelector('article'); }

  /** The first row in the view, and where it stands. */
  anchor() {
    const edge = this.el.getBoundingClientRect().top;
    for (const row of this.inner.children) {
      // The first one that is drawn becomes lower when it gets one above it: without its day and its sender's name.
      if (row === this.inner.firstChild && row.nextSibling) continue;
      const box = row.getBoundingClientRect();
      if (box.bottom > edge) return { row, top: box.top - edge };
    }
    return null;
  }

  items() {
    const { store } = this;
    const { range } = store;
    const start = find(range, this.from);
    const end = this.to === Infinity ? range.length : find(range, this.to + 1);
    const messages = range.slice(start, end).map((offset) => store.known.get(offset)).filter(Boolean);
    const last = this.lastOwn();
    const readers = last && [...store.reads.values()].filter((one) => one.offset >= last && one.user.id !== app.me.id).map((one) => one.user);
    const above = range[start - 1] ?? (store.atStart ? 0 : range[0]), below = this.to === Infinity && store.atEnd ? Infinity : messages.at(-1)?.offset;
    const told = store.told.filter(({ offset }) => offset > above && offset < below);
    const items = arrange(messages, store.known.get(range[start - 1]), { line: store.line, last, readers, told });
    if (this.to !== Infinity || !store.atEnd) return items;
    const sent = new Set(range.slice(-200).map((offset) => store.known.get(offset)).filter((one) => one.sender.id === app.me.id).map((one) => one.client_id));
    const final = items.at(-1);
    let previous = final?.told ? final.told.at(-1) : messages.at(-1);
    const waiting = app.outbox.items(store.id).filter((item) => !sent.has(item.client_id));
    for (const item of waiting) {
      const own = { sender: app.me, created_at: new Date(item.at).toISOString() };
      items.push({ pending: item, key: item.client_id, ends: item === waiting.at(-1), day: !previous || !sameDay(previous.created_at, own.created_at) ? own.created_at : null,
        grouped: previous?.sender?.id === app.me.id && !previous.deleted_at && !item.draft.reply_to && item.at - new Date(previous.created_at) < TOGETHER && sameDay(previous.created_at, own.created_at) });
      previous = own;
    }
    return items;
  }

  /** The user's last message, under which it says who has read it. */
  lastOwn() {
    const { store } = this;
    for (let n = store.range.length - 1; n >= 0 && n > store.range.length - 60 && store.atEnd; n -= 1) {
      const message = store.known.get(store.range[n]);
      if (message?.sender.id !== app.me.id || message.deleted_at) continue;
      store.loadReads(message.offset);
      return message.offset;
    }
    return null;
  }

  draw() {
    const { store } = this;
    if (this.to === Infinity && this.stuck) {
      // While the end is followed, what went out of sight above is let go.
      const { range } = store;
      const start = find(range, this.from);
      if (range.length - start > MOST) this.from = range[range.length - 60];
    }
    this.reach();
    const anchor = this.stuck ? null : this.anchor();
    const height = this.el.clientHeight;
    this.head();
    keyed(this.inner, this.items(), (item) => item.key, signOf, (item) => {
      const row = messageRow(store, item);
      row.dataset.row = item.key;
      return row;
    });
    if (this.stuck) this.toEnd();
    else if (anchor) {
      const row = this.row(anchor.row.dataset.row);
      if (row) this.el.scrollTop += row.getBoundingClientRect().top - this.el.getBoundingClientRect().top - anchor.top;
    }
    if (height) this.look();
  }

  head() {
    const { store } = this;
    const begins = store.atStart && (!store.range.length || this.from <= store.range[0]);
    const sign = `${begins}${store.room?.name}${store.room?.topic}`;
    if (sign === this.headSign) return;
    this.headSign = sign;
    const { room } = store;
    fill(this.top, begins && room ? h('div', { class: 'beginning' }, roomAvatar(room, 64),
      h('h2', { dir: 'auto' }, roomName(room)), h('p', null, room.topic && h('span', { dir: 'auto' }, `${room.topic} · `), t(`beginning.${room.kind}`))) : h('div', { class: 'spinner small' }));
  }

  /**
   * Draws more above where one gets near it. In the frame in which it is known what was before the first row: that row becomes lower
   * then, and at the very top there is nothing to scroll back by but what comes above it.
   */
  reach() {
    const { store: { range }, el } = this;
    const start = find(range, this.from);
    if (!start || el.scrollTop >= REACH) return;
    const end = this.to === Infinity ? range.length - 1 : find(range, this.to);
    this.from = range[Math.max(0, start - STEP)];
    if (end - start > MOST - STEP && el.scrollHeight - el.clientHeight - el.scrollTop > 1500) this.to = range[end - STEP];
  }

  /** Draws more where one gets near the end of what is drawn, and asks for more where that is all there is. */
  look() {
    const { store, el } = this;
    const { range } = store;
    if (!range.length || this.looking) return;
    this.looking = true;
    const above = el.scrollTop, below = el.scrollHeight - el.clientHeight - above;
    const start = find(range, this.from);
    const end = this.to === Infinity ? range.length - 1 : find(range, this.to);
    if (above < REACH && start > 0) this.soon();
    else if (below < REACH && end < range.length - 1) {
      const next = Math.min(range.length - 1, end + STEP);
      this.to = next === range.length - 1 && store.atEnd ? Infinity : range[next];
      if (next - start > MOST && above > 1500) this.from = range[start + STEP];
      this.soon();
    } else if (this.to !== Infinity && end >= range.length - 1 && store.atEnd) {
      this.to = Infinity;
      this.soon();
    }
    if (above < 3000 && start < 2 * STEP) store.older();
    if (below < 3000 && end > range.length - 2 * STEP) store.newer();
    this.looking = false;
  }

  scrolled() {
    const { el } = this;
    const below = el.scrollHeight - el.clientHeight - el.scrollTop;
    this.stuck = below < 24 && this.to === Infinity && this.store.atEnd;
    this.look();
    this.moved(below);
  }

  /** The last message that one can have seen. */
  lastSeen() {
    const edge = this.el.getBoundingClientRect().bottom + 4;
    if (this.stuck) return this.store.range.at(-1) ?? 0;
    let seen = 0;
    for (const row of this.inner.children) {
      if (row.getBoundingClientRect().bottom > edge) break;
      seen = Number(row.dataset.row) || seen;
    }
    return seen;
  }

  /** Arrow keys go from message to message. */
  key(event) {
    const all = [...this.inner.querySelectorAll('article')];
    const at = all.indexOf(document.activeElement.closest?.('article'));
    const edge = this.el.getBoundingClientRect();
    const visible = () => all.findLastIndex((one) => one.getBoundingClientRect().bottom <= edge.bottom + 8);
    let next = null;
    if (event.key === 'ArrowUp') next = at < 0 ? visible() : at - 1;
    else if (event.key === 'ArrowDown') next = at < 0 ? visible() : at + 1;
    else if (event.key === 'End' && !event.shiftKey) { event.preventDefault(); this.toNewest().then(() => [...this.inner.querySelectorAll('article')].at(-1)?.focus()); return; }
    if (next == null || event.target.matches('input,textarea,audio,video') || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const article = all[next];
    if (!article) { if (event.key === 'ArrowDown') this.leave?.(); return; }
    article.focus({ preventScroll: true });
    article.scrollIntoView({ block: 'nearest' });
  }
}
