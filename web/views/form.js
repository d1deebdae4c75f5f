// Forms and dialogs.

import { fill, h, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { errorText, has, t } from '../i18n.js';

let last = 0;

/**
 * A field with its label, a hint, and a place for what is wrong with it.
 * @param {{name: string, label: string, type?: string, hint?: string, value?: string, options?: [string, string][]}} props
 */
export function field({ name, label, hint, type = 'text', options, ...rest }) {
  const id = `f${(last += 1)}`;
  const common = { id, name, 'aria-describedby': `${id}e ${id}h`, ...rest };
  if (type === 'check') {
    const box = h('input', { type: 'checkbox', ...common, checked: rest.value });
    return h('div', { class: 'field check' }, box, h('label', { for: id }, label, hint && h('span', { class: 'hint', id: `${id}h` }, hint)), h('p', { class: 'field-error', id: `${id}e` }));
  }
  const input = type === 'select'
    ? h('select', common, options.map(([value, text]) => h('option', { value, selected: value === rest.value }, text)))
    : type === 'area' ? h('textarea', { rows: 3, ...common }) : h('input', { type, ...common });
  if (rest.value != null) input.value = rest.value;
  return h('div', { class: 'field' }, h('label', { for: id }, label), input,
    hint && h('p', { class: 'hint', id: `${id}h` }, hint), h('p', { class: 'field-error', id: `${id}e` }));
}

/**
 * A form. `run` gets the values and throws what the server says, which is shown at the field that it names.
 * @param {{fields: any[], submit: string, run: (values: any) => Promise<void>, cancel?: () => void, danger?: boolean, names?: Record<string,string>}} options
 */
export function form({ fields, submit, run, cancel, danger, names = {} }) {
  const problem = h('p', { class: 'form-error', role: 'alert' });
  const button = h('button', { class: danger ? 'button danger' : 'button', type: 'submit' }, submit);
  const el = h('form', { novalidate: true, onsubmit: go }, fields, problem, h('div', { class: 'form-actions' },
    cancel && h('button', { class: 'button quiet', type: 'button', onclick: cancel }, t('cancel')), button));

  async function go(event) {
    event.preventDefault();
    if (button.disabled) return;
    clear();
    const values = {};
    for (const input of el.elements) if (input.name) values[input.name] = input.type === 'checkbox' ? input.checked : input.value;
    const empty = [...el.elements].find((input) => input.required && !input.value.trim());
    if (empty) { mark(empty, t('error.empty')); empty.focus(); return; }
    button.disabled = true;
    button.classList.add('busy');
    try {
      await run(values);
    } catch (error) {
      say(error);
    } finally {
      button.disabled = false;
      button.classList.remove('busy');
    }
  }

  function clear() {
    problem.textContent = '';
    for (const input of el.querySelectorAll('[aria-invalid]')) mark(input, '');
  }

  function mark(input, text) {
    if (text) input.setAttribute('aria-invalid', 'true'); else input.removeAttribute('aria-invalid');
    el.querySelector(`#${input.id}e`).textContent = text;
  }

  function say(error) {
    const errors = error.errors?.length ? error.errors : [{ field: fieldOf(error), code: error.code }];
    let seen = null;
    for (const one of errors) {
      const input = one.field && el.elements[names[one.field] ?? one.field];
      if (!input?.id) continue;
      mark(input, fieldText(one, error));
      seen ??= input;
    }
    if (seen) seen.focus();
    else problem.textContent = errorText(error);
  }
  return el;
}

/** The field that the code of an error without fields is about. */
const fieldOf = ({ code = '' }) => ({ username_taken: 'username', email_taken: 'email', wrong_password: 'current_password', room_exists: 'id' }[code] ?? code.split('_')[0]);

function fieldText(one, error) {
  for (const key of [`error.${one.field}_${one.code}`, `error.${one.code}`]) if (has(key)) return t(key);
  return errorText(error);
}

/**
 * Shows a dialog; the browser keeps the focus in it and closes it by Escape.
 * @param {{title: string, body: any, wide?: boolean, onclose?: () => void, name?: string}} options
 */
export function dialog({ title, body, onclose, name = '' }) {
  const id = `d${(last += 1)}`;
  const el = h('dialog', { class: `dialog ${name}`, 'aria-labelledby': id },
    h('header', null, h('h2', { id, dir: 'auto' }, title), iconButton('close', t('close'), () => el.close())), h('div', { class: 'dialog-body' }, body));
  const elsewhere = () => el.close();
  // What it is about is left behind.
  addEventListener('hashchange', elsewhere);
  el.addEventListener('close', () => { removeEventListener('hashchange', elsewhere); el.remove(); onclose?.(); });
  el.addEventListener('pointerdown', (event) => { if (event.target === el) el.close(); });
  document.body.append(el);
  el.showModal();
  (el.querySelector('[autofocus]') ?? el.querySelector('input,textarea,select'))?.focus();
  return el;
}

/** Asks for a yes. @returns {Promise<boolean>} */
export function confirm({ title, text, action, danger = true }) {
  return new Promise((resolve) => {
    let answer = false;
    const el = dialog({
      title,
      body: [h('p', { dir: 'auto' }, text), h('div', { class: 'form-actions' },
        h('button', { class: 'button quiet', type: 'button', autofocus: danger, onclick: () => el.close() }, t('cancel')),
        h('button', { class: `button ${danger ? 'danger' : ''}`, type: 'button', autofocus: !danger, onclick: () => { answer = true; el.close(); } }, action))],
      onclose: () => resolve(answer),
    });
  });
}

/** Does something, and says so where it fails. @returns {Promise<boolean>} whether it worked */
export async function attempt(run, done) {
  try {
    await run();
    if (done) app.toast(done);
    return true;
  } catch (error) {
    app.toast(errorText(error), true);
    return false;
  }
}

/** What is shown where there is nothing, while it is fetched, or why it could not be. */
export const note = (text, ...more) => h('div', { class: 'note' }, h('p', null, text), more);
export const spinner = () => h('div', { class: 'spinner', role: 'status', 'aria-label': t('loading') });

/** A list that is fetched page by page into an element, more by a button. Another one there takes its place, whichever answers first. */
export function paged(el, load, row, empty) {
  const asked = el.asked = {};
  let cursor;
  const more = h('button', { class: 'button quiet more', type: 'button', onclick: () => next() }, t('more'));
  const rows = h('div', { class: 'rows', role: 'list' });
  if (!el.firstChild) fill(el, spinner());
  let busy = false;
  // What there was no server for is asked for when there is one.
  const again = () => {
    if (app.client.state !== 'online') return;
    app.client.removeEventListener('state', again);
    if (el.asked === asked && cursor === undefined && el.isConnected) next();
  };
  async function next() {
    if (busy) return;
    busy = true;
    try {
      const page = await load(cursor);
      if (el.asked !== asked) return;
      if (cursor === undefined) fill(el, rows, more);
      cursor = page.next;
      const fresh = page.items.map(row).filter(Boolean);
      rows.append(...fresh);
      if (!rows.children.length && !cursor) fill(el, note(empty));
      const had = document.activeElement === more;
      more.hidden = !cursor;
      // A button that is gone has no focus.
      if (had && more.hidden) (fresh[0]?.querySelector('a[href],button') ?? fresh[0])?.focus();
    } catch (error) {
      if (el.asked !== asked) return;
      // What is there stays, and the button is for the next try.
      if (cursor !== undefined) app.toast(errorText(error), true);
      else {
        fill(el, note(errorText(error), error.status !== 403 && h('button', { class: 'button quiet', type: 'button', onclick: () => next() }, t('retry'))));
        app.client.addEventListener('state', again);
      }
    } finally {
      busy = false;
    }
  }
  return next();
}
