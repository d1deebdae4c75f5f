// Menus: a list of things to do, beside what they are about.

import { h, icon } from '../dom.js';

let open = null;

export function closeMenu() {
  open?.();
}

/**
 * Shows a menu beside an element or at a point.
 * @param {HTMLElement|{x: number, y: number}} anchor
 * @param {({label: string, icon?: string, run: () => void, danger?: boolean, checked?: boolean}|null)[]} items null draws a line
 */
export function openMenu(anchor, items) {
  const entries = items.filter((item) => item !== false && item !== undefined);
  if (!entries.some(Boolean)) return;
  const el = h('div', { class: 'menu', role: 'menu', tabindex: -1 }, entries.map((item) => (item === null ? h('hr')
    : h('button', {
      type: 'button', role: item.checked == null ? 'menuitem' : 'menuitemradio', 'aria-checked': item.checked == null ? null : String(item.checked), tabindex: -1,
      class: item.danger && 'danger', onclick: () => { close(); item.run(); },
    }, icon(item.icon ?? (item.checked ? 'check' : 'hash'), 18), item.label))));
  for (const [n, item] of entries.entries()) if (item && !item.icon && !item.checked) el.children[n].firstChild.style.visibility = 'hidden';
  show(anchor, el);
}

/** Shows any element as something that goes away when one clicks elsewhere, with arrow keys through its buttons. */
export function show(anchor, el, { columns = 1 } = {}) {
  open?.();
  const before = document.activeElement;
  const host = anchor.closest?.('dialog,.rooms,main,.side') ?? document.querySelector('main') ?? document.body;
  host.append(el);
  place(anchor, el);
  const buttons = () => [...el.querySelectorAll('button')];
  const stop = new AbortController();
  const { signal } = stop;
  close = () => {
    if (signal.aborted) return;
    stop.abort();
    const inside = el.contains(document.activeElement);
    el.remove();
    open = null;
    if (anchor.setAttribute) anchor.removeAttribute('data-open');
    if (inside || document.activeElement === document.body) before?.focus?.({ preventScroll: true });
  };
  open = close;
  anchor.setAttribute?.('data-open', '');
  addEventListener('pointerdown', (event) => { if (!el.contains(event.target)) close(); }, { signal, capture: true });
  addEventListener('resize', close, { signal });
  addEventListener('hashchange', close, { signal });
  el.addEventListener('keydown', (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement);
    const step = { ArrowDown: columns, ArrowUp: -columns, ArrowRight: columns > 1 && 1, ArrowLeft: columns > 1 && -1 }[event.key];
    if (event.key === 'Escape' || event.key === 'Tab') { event.preventDefault(); event.stopPropagation(); close(); }
    else if (step) { event.preventDefault(); all[(at + step + all.length) % all.length]?.focus(); }
    else if (event.key === 'Home' || event.key === 'End') { event.preventDefault(); all.at(event.key === 'Home' ? 0 : -1).focus(); }
  }, { signal });
  buttons()[0]?.focus({ preventScroll: true });
  return close;
}

let close = () => {};

function place(anchor, el) {
  const box = anchor.getBoundingClientRect?.() ?? { left: anchor.x, right: anchor.x, top: anchor.y, bottom: anchor.y };
  const { offsetWidth: width, offsetHeight: height } = el;
  const gap = 6;
  const left = Math.max(gap, Math.min(innerWidth - width - gap, box.left + width > innerWidth - gap ? box.right - width : box.left));
  const below = box.bottom + gap + height <= innerHeight;
  const top = below ? box.bottom + gap : Math.max(gap, box.top - height - gap);
  el.style.left = `${left}px`;
  el.style.top = `${top}px`;
}
