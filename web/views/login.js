// Who are you? Logging in and signing up.

import { fill, h } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { recall } from '../store/kept.js';
import { field, form } from './form.js';

/** @param {HTMLElement} root @param {() => void} done @param {string} [notice] */
export function showLogin(root, done, notice) {
  const draw = (fresh) => {
    const password = (more) => field({ name: 'password', label: t('login.password'), type: 'password', required: true, ...more });
    const el = fresh
      ? form({
        submit: t('login.create'),
        fields: [
          field({ name: 'username', label: t('login.username'), required: true, autocomplete: 'username', maxlength: 32, hint: t('login.username.hint'), autofocus: true, spellcheck: 'false', autocapitalize: 'off' }),
          field({ name: 'email', label: t('login.email'), type: 'email', required: true, autocomplete: 'email' }),
          password({ autocomplete: 'new-password', hint: t('login.password.hint') }),
        ],
        run: async (values) => { await app.client.signUp(values); done(); },
      })
      : form({
        submit: t('login.login'),
        names: { email: 'login', username: 'login' },
        fields: [
          field({ name: 'login', label: t('login.name'), required: true, autocomplete: 'username', autofocus: true, spellcheck: 'false', autocapitalize: 'off' }),
          password({ autocomplete: 'current-password' }),
        ],
        run: async ({ login, password }) => { await app.client.logIn(login.trim(), password); done(); },
      });
    const tab = (text, on) => h('button', { type: 'button', role: 'tab', id: on ? 'tab-new' : 'tab-old', 'aria-selected': String(fresh === on), 'aria-controls': 'login-panel', tabindex: fresh === on ? 0 : -1, onclick: () => draw(on) }, text);
    const tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': t('login.title'), onkeydown: (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      draw(!fresh);
      root.querySelector('[aria-selected=true]').focus();
    } }, tab(t('login.login'), false), tab(t('login.signup'), true));
    fill(root, h('main', { class: 'login' },
      h('div', { class: 'login-card' },
        h('img', { src: new URL('../icon.svg', import.meta.url).href, alt: '', width: 56, height: 56 }),
        h('h1', null, t('login.title')),
        h('p', { class: 'muted' }, t(fresh ? 'login.signup.text' : 'login.text')),
        notice && h('p', { class: 'notice', role: 'status' }, notice),
        tabs,
        h('div', { role: 'tabpanel', id: 'login-panel', 'aria-labelledby': fresh ? 'tab-new' : 'tab-old' }, el))));
    el.elements[0].focus();
  };
  draw(!recall('before'));
}
