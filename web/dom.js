// Building the document. Everything that a user wrote gets in as a text node or an attribute's value, never as markup.

/**
 * An element. `on…` props listen, `class`, `style` (an object) and `dataset` do what they say, true and false make an attribute
 * come and go, everything else is an attribute. Children: nodes, text, arrays of them; null and false are nothing.
 * @param {string} tag
 * @param {object|null} [props]
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  // A direction that depends on the children is found once they are there: to find it anew at each of many takes long.
  const { dir, ...rest } = props ?? {};
  for (const [name, value] of Object.entries(rest)) set(el, name, value);
  el.append(...flat(children));
  set(el, 'dir', dir);
  return el;
}

function set(el, name, value) {
  if (value == null || value === false) return;
  if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
  else if (name === 'style') for (const [key, one] of Object.entries(value)) el.style.setProperty(key, one);
  else if (name === 'dataset') Object.assign(el.dataset, value);
  else if (name === 'value') el.value = value;
  else el.setAttribute(name, value === true ? '' : value);
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child != null && child !== false && child !== '');
}

/** Gives an element other children. */
export function fill(el, ...children) {
  const dir = el.getAttribute('dir');
  if (dir) el.removeAttribute('dir');
  el.replaceChildren(...flat(children));
  set(el, 'dir', dir);
  return el;
}

/**
 * Makes the children of `parent` those of `items`, by key, touching only what is new, gone, moved or changed. What has the focus
 * keeps it, as far as the same element of the row can be found again.
 * @param {HTMLElement} parent
 * @param {any[]} items
 * @param {(item: any) => string} key
 * @param {(item: any) => string} sign what the row depends on: another one makes the row anew
 * @param {(item: any) => HTMLElement} make
 */
export function keyed(parent, items, key, sign, make) {
  const rows = parent.rows ??= new Map();
  const wanted = new Set();
  let place = parent.firstChild;
  for (const item of items) {
    const name = key(item);
    wanted.add(name);
    const signed = sign(item);
    let row = rows.get(name);
    if (!row || row.sign !== signed) {
      const node = make(item);
      if (row) {
        const focus = focused(row.node);
        if (place === row.node) place = node;
        row.node.replaceWith(node);
        refocus(node, focus);
      }
      row = { node, sign: signed };
      rows.set(name, row);
    }
    if (row.node === place) place = place.nextSibling;
    else parent.insertBefore(row.node, place);
  }
  for (const [name, row] of rows) {
    if (wanted.has(name)) continue;
    row.node.remove();
    rows.delete(name);
  }
}

function focused(node) {
  const active = document.activeElement;
  if (!active || !node.contains(active)) return null;
  return { self: active === node, label: active.getAttribute('aria-label'), key: active.dataset.key };
}

function refocus(node, was) {
  if (!was) return;
  const same = was.self ? node : [...node.querySelectorAll('[tabindex],button,a,input')].find((el) =>
    was.key ? el.dataset.key === was.key : was.label && el.getAttribute('aria-label') === was.label);
  (same ?? (node.hasAttribute('tabindex') ? node : null))?.focus({ preventScroll: true });
}

const PATHS = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  search: 'M10.5 4a6.5 6.5 0 110 13 6.5 6.5 0 010-13zM15.5 15.5L20 20',
  pin: 'M9 3h6l-1 7 3 3v2H7v-2l3-3-1-7zM12 15v6',
  people: 'M9 5a3.5 3.5 0 110 7 3.5 3.5 0 010-7zM3 20c0-4 3-5.5 6-5.5s6 1.5 6 5.5M16 5.5a3 3 0 010 6M17 14.7c2.5.4 4 2 4 5.3',
  info: 'M12 3.5a8.5 8.5 0 110 17 8.5 8.5 0 010-17zM12 11v5.5M12 7.6v.1',
  send: 'M4 12l16-8-5 16-3.5-6.5L4 12zM11.5 13.5L20 4',
  clip: 'M19.5 11.5l-7.8 7.8a4.6 4.6 0 01-6.5-6.5l8.3-8.3a3.1 3.1 0 014.4 4.4l-8.3 8.3a1.5 1.5 0 01-2.2-2.2l7.3-7.3',
  smile: 'M12 3.5a8.5 8.5 0 110 17 8.5 8.5 0 010-17zM8.3 14.2c1.8 2.7 5.6 2.7 7.4 0M9 9.5v.1M15 9.5v.1',
  reply: 'M10 6L4 12l6 6M4.5 12H14c4 0 6 2.5 6 6',
  thread: 'M5 5h14v10h-7l-4 4v-4H5zM8.5 8.7h7M8.5 11.5h4.5',
  edit: 'M4.5 19.5l.8-4L15.8 5a2 2 0 012.9 0l.3.3a2 2 0 010 2.900L8.5 18.7l-4 .8z',
  more: 'M5.5 11.2a.8.8 0 110 1.6.8.8 0 010-1.6zM12 11.2a.8.8 0 110 1.6.8.8 0 010-1.6zM18.5 11.2a.8.8 0 110 1.6.8.8 0 010-1.6z',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.400L17 7M10.3 10.5v5.5M13.7 10.5v5.5',
  down: 'M12 5v14M6 13l6 6 6-6',
  lock: 'M6.5 11h11v8.5h-11zM8.8 11V8a3.2 3.2 0 016.4 0v3',
  hash: 'M9.5 4l-2 16M16.5 4l-2 16M4.5 9h16M3.5 15h16',
  file: 'M7 3.5h7l4 4v13H7zM13.5 3.800V8h4.3',
  retry: 'M19 12a7 7 0 11-2.2-5.1M17.5 3v4.2h-4.2',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  bell: 'M6.5 16.5V11a5.5 5.5 0 0111 0v5.5l1.5 1.5H5zM10 20.5h4',
  cloud: 'M4 4l16 16M8.5 7.6a5 5 0 018 3.4 4 4 0 012.8 6.3M15.5 18.5H7a4 4 0 01-.7-7.9',
  flag: 'M6 21V4h11l-2 4 2 4H6',
  copy: 'M9 9h10.5v10.5H9zM5.5 15H4.5V4.5H15v1',
  link: 'M10 14a4 4 0 005.7 0l3-3a4 4 0 00-5.7-5.7l-1 1M14 10a4 4 0 00-5.7 0l-3 3a4 4 0 005.7 5.7l1-1',
  out: 'M14 4.5H5.5v15H14M10.5 12H20M16.5 8l4 4-4 4',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4',
  bookmark: 'M7 4h10v16l-5-4-5 4z',
  clock: 'M12 3.5a8.5 8.5 0 110 17 8.5 8.5 0 010-17zM12 7.5V12l3 2',
  shield: 'M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6zM9 12l2.2 2.2L15.2 10',
  eye: 'M3 12c3-5 6-6.5 9-6.5s6 1.5 9 6.5c-3 5-6 6.5-9 6.5S6 17 3 12zM12 9.5a2.5 2.5 0 110 5 2.5 2.5 0 010-5z',
};

/** A picture of ours, which says nothing to a screen reader: its button does. */
export function icon(name, size = 20) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true', class: 'icon' })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button with a picture and a name. */
export function iconButton(name, label, onclick, props = {}) {
  return h('button', { type: 'button', ...props, class: `icon-button ${props.class ?? ''}`, 'aria-label': label, title: label, onclick }, icon(name));
}

/** Calls at most once per `wait` ms, the last time included. */
export function throttle(wait, call) {
  let timer = 0, again = false;
  return function run() {
    if (timer) { again = true; return; }
    call();
    timer = setTimeout(() => { timer = 0; if (again) { again = false; run(); } }, wait);
  };
}

/** Calls once it has been quiet for `wait` ms. */
export function debounce(wait, call) {
  let timer = 0;
  return (...args) => { clearTimeout(timer); timer = setTimeout(() => call(...args), wait); };
}

/** Calls once before the next picture is drawn, or soon where none is. */
export function eachFrame(call) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    const run = () => { if (due) { due = false; call(); } };
    if (document.hidden) setTimeout(run, 50); else requestAnimationFrame(run);
  };
}

/** Something that others listen to. */
export class Source extends EventTarget {
  emit(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
  /** Listens until the signal. Several names may stand in one text. */
  on(names, call, signal) {
    for (const name of names.split(' ')) this.addEventListener(name, (event) => call(event.detail, event), { signal });
  }
}
