// The user: how they are called, what they say of themselves, and where they are logged in.

import { fill, h, icon } from '../dom.js';
import { app } from '../ctx.js';
import { language, languages, moment, t } from '../i18n.js';
import { keep } from '../store/kept.js';
import { userAvatar } from '../views/avatar.js';
import { attempt, confirm, field, form, paged } from '../views/form.js';
import { askToNotify, notifying } from '../views/notify.js';
import { applyTheme, theme, themes } from '../views/theme.js';

export function profilePage() {
  const about = h('div', { class: 'profile-card' });
  const body = h('div', { class: 'sections' });
  const sessions = h('div');
  const section = (title, ...children) => h('section', { class: 'section' }, h('h2', null, title), ...children);
  const drawAbout = (account) => fill(about, userAvatar(app.me, 88), h('b', { class: 'big', dir: 'auto' }, app.me.display_name), h('span', { class: 'muted' }, `@${app.me.username}`, account && ` · ${account.email}`));
  drawAbout();
  app.client.request('GET', '/users/me').then(drawAbout, () => {});

  const name = form({
    fields: [field({ name: 'display_name', label: t('profile.name'), value: app.me.display_name, required: true, maxlength: 64, hint: t('profile.name.hint') })],
    submit: t('save'),
    run: async ({ display_name }) => {
      app.me = await app.client.changeProfile({ display_name: display_name.trim() });
      app.people.meet(app.me, '~');
      app.people.emit('change', app.me.id);
      drawAbout();
      app.toast(t('saved'));
    },
  });
  const says = h('div');
  app.client.call('user.presence', { user: app.me.id }).then((now) => fill(says, form({
    fields: [
      field({ name: 'status', label: t('profile.status'), value: now.status ?? '', maxlength: 100, hint: t('profile.status.hint') }),
      field({ name: 'hidden', label: t('profile.hide'), type: 'check', value: Boolean(now.hidden), hint: t('profile.hide.hint') }),
    ],
    submit: t('save'),
    run: async ({ status, hidden }) => { await app.client.call('presence.set', { status: status.trim(), hidden }); app.toast(t('saved')); },
  })), () => {});

  const pick = (label, value, options, change) => {
    const el = field({ name: 'pick', label, type: 'select', value, options });
    el.querySelector('select').addEventListener('change', (event) => change(event.target.value));
    return el;
  };
  const bell = field({ name: 'notify', label: t('profile.notify'), type: 'check', value: notifying(), hint: t(globalThis.Notification ? 'profile.notify.hint' : 'profile.notify.none') });
  const box = bell.querySelector('input');
  box.disabled = !globalThis.Notification;
  box.addEventListener('change', async () => {
    box.checked = await askToNotify(box.checked);
    if (globalThis.Notification?.permission === 'denied') app.toast(t('profile.notify.denied'), true);
  });
  const password = form({
    fields: [
      h('input', { type: 'text', autocomplete: 'username', value: app.me.username, hidden: true, 'aria-hidden': 'true', tabindex: -1 }),
      field({ name: 'current_password', label: t('profile.password.old'), type: 'password', required: true, autocomplete: 'current-password' }),
      field({ name: 'new_password', label: t('profile.password.new'), type: 'password', required: true, autocomplete: 'new-password', hint: t('login.password.hint') }),
    ],
    submit: t('profile.password.change'),
    run: async (values) => { await app.client.request('PUT', '/users/me/password', values); password.reset(); app.toast(t('saved')); loadSessions(); },
  });

  const loadSessions = () => paged(sessions, () => app.client.request('GET', '/sessions'), (one) => h('div', { class: 'user-row still', role: 'listitem' },
    h('span', { class: 'file-kind' }, icon('eye', 20)),
    h('span', { class: 'person-text' }, h('b', { dir: 'auto' }, device(one.label)), h('span', { class: 'muted' }, t('session.used', { when: moment(one.last_used_at) }))),
    one.current ? h('span', { class: 'tag' }, t('session.this')) : h('button', { type: 'button', class: 'button quiet small', 'aria-label': t('session.end.name', { name: device(one.label) }), onclick: () => attempt(async () => { await app.client.request('DELETE', `/sessions/${encodeURIComponent(one.id)}`); loadSessions(); }) }, t('session.end'))), '');
  loadSessions();

  const blocks = h('div');
  const loadBlocks = () => paged(blocks, (cursor) => app.client.call('block.list', { limit: 50, ...(cursor && { cursor }) }), ({ user }) => h('div', { class: 'user-row still', role: 'listitem' }, userAvatar(user, 36),
    h('span', { class: 'person-text' }, h('b', { dir: 'auto' }, user.display_name), h('span', { class: 'muted' }, `@${user.username}`)),
    h('button', { type: 'button', class: 'button quiet small', onclick: () => attempt(async () => { await app.people.block(user.id, false); loadBlocks(); }) }, t('unblock'))), t('blocks.none'));
  loadBlocks();

  fill(body, about,
    section(t('profile.about'), name, says),
    section(t('profile.page'), pick(t('theme'), theme(), themes.map((one) => [one, t(`theme.${one}`)]), applyTheme),
      pick(t('language'), language, Object.entries(languages), (value) => { keep('language', value); location.reload(); }), bell),
    section(t('sessions'), h('p', { class: 'muted' }, t('sessions.text')), sessions),
    section(t('profile.password'), password),
    section(t('blocks'), blocks),
    h('section', { class: 'section' }, h('button', { class: 'button danger', type: 'button', onclick: async () => {
      if (await confirm({ title: t('logout'), text: t('logout.text'), action: t('logout') })) app.logOut();
    } }, icon('out', 18), t('logout'))));
  return { title: t('profile'), el: h('div', { class: 'page' }, body) };
}

/** A browser and a system, out of what it calls itself. */
function device(label) {
  const browser = /Edg\//.test(label) ? 'Edge' : /Firefox\//.test(label) ? 'Firefox' : /Chrom(e|ium)\//.test(label) ? 'Chrome' : /Safari\//.test(label) ? 'Safari' : '';
  const system = /Android/.test(label) ? 'Android' : /iPhone|iPad/.test(label) ? 'iOS' : /Windows/.test(label) ? 'Windows' : /Mac OS/.test(label) ? 'macOS' : /Linux/.test(label) ? 'Linux' : '';
  return [browser, system].filter(Boolean).join(' · ') || label.slice(0, 60) || t('session.unknown');
}
