// All accounts, and what can be done about one.

import { h, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { moment, t } from '../i18n.js';
import { inFull } from '../store/people.js';
import { userAvatar } from '../views/avatar.js';
import { attempt, confirm } from '../views/form.js';
import { openMenu } from '../views/menu.js';
import { act } from './ask.js';
import { find } from './find.js';

export const users = (q) => find('users', { q, label: t('admin.users.find'), row, none: t('people.none') });

function row(account) {
  const { id, username, email, created_at, disabled_at, admin, sessions } = account;
  const name = inFull(account);
  const el = h('div', { class: 'user-row still', role: 'listitem', title: t('admin.user.since', { when: moment(created_at) }) }, userAvatar(account, 36),
    h('span', { class: 'person-text' }, h('b', { dir: 'auto' }, account.display_name, id === app.me.id && h('span', { class: 'muted' }, ` (${t('you')})`)), h('span', { class: 'muted' }, `@${username} · ${email} · `, h('span', { class: 'whole' }, t('admin.sessions.n', { n: sessions })))),
    disabled_at && h('span', { class: 'tag', title: moment(disabled_at) }, t('admin.disabled')),
    admin && h('span', { class: 'tag' }, t('admin.one')),
    id === app.me.id ? h('span', { class: 'icon-button' }) : iconButton('more', t('admin.user.menu', { name }), (event) => openMenu(event.currentTarget, [
      disabled_at ? { label: t('admin.enable'), icon: 'check', run: () => change('DELETE', 'disabled') }
        : { label: t('admin.disable'), icon: 'lock', danger: true, run: () => sure('admin.disable', 'PUT', 'disabled') },
      sessions > 0 && { label: t('admin.sessions.end'), icon: 'out', run: () => sure('admin.sessions.end', 'DELETE', 'sessions') },
      null,
      admin ? { label: t('admin.take'), icon: 'shield', run: () => sure('admin.take', 'DELETE', 'admin') }
        : { label: t('admin.give'), icon: 'shield', run: () => sure('admin.give', 'PUT', 'admin') },
    ]), { 'aria-haspopup': 'menu', dataset: { key: id } }));

  async function sure(key, method, what) {
    if (await confirm({ title: t(key), text: t(`${key}.text`, { name }), action: t(key) })) await change(method, what);
  }

  /** The account as it is then takes the place of the row. */
  const change = (method, what) => attempt(async () => {
    const fresh = row(await act(method, `users/${encodeURIComponent(id)}/${what}`));
    el.replaceWith(fresh);
    fresh.querySelector('button')?.focus();
  }, t('saved'));

  return el;
}
