// A list of all that there is, to be looked through by what its names begin with.

import { debounce, h, icon } from '../dom.js';
import { paged } from '../views/form.js';
import { ask } from './ask.js';

/** @param {string} path @param {{q?: string, label: string, row: (one: any) => HTMLElement, none: string}} list */
export function find(path, { q: begun = '', label, row, none }) {
  const input = h('input', { type: 'search', value: begun, maxlength: 254, placeholder: label, 'aria-label': label, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', oninput: debounce(250, () => {
    // Who comes back finds what they looked for.
    history.replaceState(history.state, '', `#/admin/${path}${input.value.trim() && `?q=${encodeURIComponent(input.value.trim())}`}`);
    look();
  }) });
  const body = h('div', { 'aria-live': 'polite' });
  const look = () => {
    const q = input.value.trim();
    paged(body, (cursor) => ask(path, { limit: 50, ...(q && { q }), cursor }), row, none);
  };
  look();
  return { el: [h('div', { class: 'pane-tools' }, h('div', { class: 'filter' }, icon('search', 16), input)), body] };
}
