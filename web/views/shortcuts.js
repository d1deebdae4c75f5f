// The keyboard.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { go, router, to } from '../router.js';
import { dialog } from './form.js';

const KEYS = [
  ['Ctrl K', 'keys.rooms'], ['Alt ↑ ↓', 'keys.step'], ['Ctrl F', 'keys.find'], ['/', 'keys.write'], ['?', 'keys.help'], ['Esc', 'keys.close'],
  ['↑ ↓', 'keys.messages'], ['Enter', 'keys.menu'], ['R', 'keys.reply'], ['T', 'keys.thread'], ['E', 'keys.edit'], ['+', 'keys.react'], ['Del', 'keys.delete'],
  ['Enter', 'keys.send'], ['Shift Enter', 'keys.line'], ['↑', 'keys.last'], ['@', 'keys.mention'], ['Ctrl B I E', 'keys.marks'],
];
const GROUPS = [['keys.everywhere', 0, 6], ['keys.on.messages', 6, 13], ['keys.on.writing', 13, 18]];

export function showShortcuts() {
  dialog({
    title: t('shortcuts'),
    name: 'wide',
    body: GROUPS.map(([name, from, to]) => h('section', null, h('h3', null, t(name)), h('dl', { class: 'keys' }, KEYS.slice(from, to).map(([keys, text]) => [
      h('dt', null, keys.split(' ').map((key) => h('kbd', null, key))), h('dd', null, t(text))])))),
  });
}

/** @param {import('./shell.js').Shell} shell */
export function startShortcuts(shell) {
  addEventListener('keydown', (event) => {
    if (document.querySelector('dialog[open]') || event.defaultPrevented) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const writing = event.target.matches('input,textarea,select');
    const act = ctrl && event.key === 'k' ? () => { if (shell.el.dataset.view !== 'list' && matchMedia('(max-width: 719px)').matches) go('#/'); shell.list.filter.focus(); }
      : ctrl && event.key === 'f' && router.place.room ? () => { go(to(router.place.room, 'search')); shell.side.querySelector('input')?.focus(); }
        : event.altKey && event.key === 'ArrowUp' ? () => shell.list.step(-1)
          : event.altKey && event.key === 'ArrowDown' ? () => shell.list.step(1)
            : !writing && !ctrl && event.key === '?' ? showShortcuts
              : !writing && !ctrl && event.key === '/' ? () => shell.conversation?.focus()
                : event.key === 'Escape' && router.place.pane ? () => { router.replace(to(router.place.room)); shell.conversation?.focus(); }
                  : event.key === 'Escape' && !writing ? () => shell.conversation?.focus() : null;
    if (!act) {
      // Whoever begins to type means the message.
      if (!writing && !ctrl && !event.altKey && event.key.length === 1 && event.key !== ' ' && (event.target === document.body || event.target.matches('.list'))) shell.conversation?.focus();
      return;
    }
    event.preventDefault();
    act();
  });
}
