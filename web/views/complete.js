// Completion of names behind an @.

import { fill, h } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { fold, matches } from '../store/people.js';
import { userAvatar } from './avatar.js';

let last = 0;

export class Completion {
  /** @param {HTMLTextAreaElement} area @param {import('../store/room.js').RoomStore} store */
  constructor(area, store) {
    this.area = area;
    this.store = store;
    this.id = `c${(last += 1)}`;
    this.el = h('div', { class: 'completion', role: 'listbox', id: this.id, 'aria-label': t('mentions'), hidden: true, onpointerdown: (event) => event.preventDefault() });
    for (const [name, value] of Object.entries({ 'aria-autocomplete': 'list', 'aria-controls': this.id })) area.setAttribute(name, value);
    area.addEventListener('input', () => this.look());
    area.addEventListener('click', () => this.look());
    area.addEventListener('blur', () => this.close());
  }

  get open() { return !this.el.hidden; }

  look() {
    const { area } = this;
    const before = area.value.slice(0, area.selectionStart);
    const found = /(?:^|[^\p{L}\p{N}])@("?)([\p{L}\p{N}\p{M}_.\-]*(?:(?<=@"[^"]*) [\p{L}\p{N}\p{M}_.\-]*)*)$/u.exec(before);
    if (!found) { this.close(); return; }
    this.at = before.length - found[2].length - found[1].length - 1;
    const wanted = fold(found[2]);
    if (!this.store.members) this.store.loadMembers().then(() => { if (document.activeElement === area) this.look(); }, () => {});
    this.choices = [...this.all().filter((user) => matches(user, wanted)).slice(0, 8),
      ...(this.store.may('moderator') && !this.store.direct ? ['room', 'here'].filter((word) => word.startsWith(wanted)).map((word) => ({ all: word })) : [])];
    if (!this.choices.length) { this.close(); return; }
    this.chosen = 0;
    this.draw();
  }

  all() {
    const { store } = this;
    if (store.room?.people) return store.room.people.filter((user) => user.id !== app.me.id);
    const users = new Map();
    // Who spoke last comes first.
    for (let n = store.range.length - 1; n >= 0 && n > store.range.length - 200; n -= 1) {
      const sender = store.known.get(store.range[n])?.sender;
      if (sender) users.set(sender.id, sender);
    }
    for (const { user } of store.members ?? []) if (!users.has(user.id)) users.set(user.id, user);
    users.delete(app.me.id);
    return [...users.values()].map((user) => app.people.known.get(user.id) ?? user);
  }

  draw() {
    this.el.hidden = false;
    fill(this.el, this.choices.map((one, n) => h('div', {
      role: 'option', id: `${this.id}-${n}`, class: 'choice', 'aria-selected': String(n === this.chosen), onclick: () => { this.chosen = n; this.take(); },
    }, one.all ? [h('span', { class: 'avatar square', dataset: { initials: '@' } }), h('b', null, `@${one.all}`), h('span', { class: 'muted' }, t(`mention.${one.all}`))]
      : [userAvatar(one, 28, true), h('b', { dir: 'auto' }, one.display_name), h('span', { class: 'muted' }, `@${one.username}`)])));
    this.area.setAttribute('aria-activedescendant', `${this.id}-${this.chosen}`);
  }

  take() {
    const one = this.choices[this.chosen];
    const name = one.all ?? (/^[^\s"]+$/.test(one.username) ? one.username : `"${one.username}"`);
    const { area } = this;
    area.setRangeText(`@${name} `, this.at, area.selectionStart, 'end');
    this.close();
    area.dispatchEvent(new Event('input'));
    area.focus();
  }

  close() {
    this.el.hidden = true;
    this.area.removeAttribute('aria-activedescendant');
  }

  /** Whether the key was for this. */
  key(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { this.chosen = (this.chosen + step + this.choices.length) % this.choices.length; this.draw(); }
    else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') this.take();
    else if (event.key === 'Escape') this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
