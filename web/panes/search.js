// Searching, in one room or in all.

import { debounce, fill, h, icon } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { to } from '../router.js';
import { clean } from '../markup.js';
import { nameOf } from '../store/rooms.js';
import { note, paged } from '../views/form.js';
import { messageCard } from '../views/message.js';

/** @param {import('../store/room.js').RoomStore|null} store */
export function searchPane(store, { q = '' } = {}) {
  const state = { all: !store, order: 'rank', files: false };
  const input = h('input', { type: 'search', value: q, placeholder: t('search.placeholder'), 'aria-label': t('search'), autocomplete: 'off', maxlength: 200, autofocus: true });
  const body = h('div', { class: 'scroll', 'aria-live': 'polite' });
  const choice = (label, on, set) => h('button', { type: 'button', class: 'choice-chip', 'aria-pressed': String(on), onclick: set }, label);
  const choices = h('div', { class: 'choices' });

  function draw() {
    const set = (changes) => () => { Object.assign(state, changes); draw(); look(); };
    fill(choices, store && choice(t('search.here'), !state.all, set({ all: false })), store && choice(t('search.everywhere'), state.all, set({ all: true })),
      choice(t('search.best'), state.order === 'rank', set({ order: 'rank' })), choice(t('search.newest'), state.order === 'recent', set({ order: 'recent' })),
      choice(t('search.files'), state.files, set({ files: !state.files })));
  }

  function look() {
    const text = input.value.trim();
    if (!text && !state.files) { fill(body, note(t('search.hint'))); return; }
    const params = { order: text ? state.order : 'recent', limit: 20, ...(text && { q: text }), ...(!state.all && { room: store.id }), ...(state.files && { has: 'attachment' }) };
    paged(body, (cursor) => app.client.call('message.search', { ...params, ...(cursor && { cursor }) }),
      ({ message, highlights }) => messageCard(message, {
        href: to(message.room, 'at', message.offset),
        text: highlights.length ? marked(message.text, highlights) : null,
        where: state.all ? nameOf(message.room) : null,
      }), t('search.none'));
  }

  input.addEventListener('input', debounce(250, look));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { event.preventDefault(); body.querySelector('a')?.focus(); }
    if (event.key === 'Enter') look();
  });
  body.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const all = [...body.querySelectorAll('a')];
    event.preventDefault();
    (all[all.indexOf(document.activeElement) + step] ?? input).focus();
  });
  draw();
  look();
  return {
    title: t(store ? 'search' : 'search.all'),
    el: h('div', { class: 'pane' }, h('div', { class: 'pane-tools column' }, h('div', { class: 'filter' }, icon('search', 16), input), choices), body),
    focus: () => input,
  };
}

/** What stands around it, without most marks. */
const bare = (text) => clean(text).replace(/\*\*|~~|`+/g, '');

/** The text from a little before the first place that was found, with those places marked. */
function marked(text, highlights) {
  const out = document.createDocumentFragment();
  const first = highlights[0][0];
  let at = first > 60 ? Math.max(0, text.lastIndexOf(' ', first - 30)) : 0;
  if (at) out.append('…');
  const stop = Math.min(text.length, at + 400);
  for (const [start, end] of highlights) {
    if (end > stop) break;
    out.append(bare(text.slice(at, start)), h('mark', null, clean(text.slice(start, end))));
    at = end;
  }
  out.append(bare(text.slice(at, stop)), stop < text.length ? '…' : '');
  return out;
}
