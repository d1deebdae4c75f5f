// Who is in a room.

import { eachFrame, fill, h, icon, iconButton, keyed } from '../dom.js';
import { app } from '../ctx.js';
import { errorText, t } from '../i18n.js';
import { fold, matches } from '../store/people.js';
import { presenceText, userAvatar } from '../views/avatar.js';
import { attempt, note, spinner } from '../views/form.js';
import { memberMenu, untilText } from '../views/members.js';
import { invite } from '../views/roomdialogs.js';

const ORDER = { owner: 0, moderator: 1, member: 2, reader: 3 };

/** @param {import('../store/room.js').RoomStore} store */
export function membersPane(store) {
  const stop = new AbortController();
  const { signal } = stop;
  const filter = h('input', { type: 'search', placeholder: t('people.find'), 'aria-label': t('people.find'), autocomplete: 'off', oninput: () => draw() });
  const rows = h('div', { class: 'rows', role: 'list', 'aria-label': t('members') });
  const body = h('div', { class: 'scroll' }, spinner());
  const bans = h('div', { class: 'bans' });
  const add = h('button', { class: 'button quiet', type: 'button', onclick: () => invite(store) }, icon('plus', 18), t('invite'));

  function draw() {
    if (!store.members || signal.aborted) return;
    const wanted = fold(filter.value.trim());
    const rank = (one) => ORDER[one.role] * 2 + (app.people.presence.get(one.user.id)?.availability === 'online' ? 0 : 1);
    const shown = store.members.filter((one) => matches(one.user, wanted))
      .sort((a, b) => rank(a) - rank(b) || app.people.name(a.user).localeCompare(app.people.name(b.user))).slice(0, 300);
    if (body.firstChild !== rows) fill(body, rows, bans);
    keyed(rows, shown, (one) => one.user.id, (one) => [app.people.name(one.user), one.role, one.muted_until, presenceText(one.user.id)].join('|'), row);
    add.hidden = store.direct || !(store.may('moderator') || (store.may('member') && store.room.kind === 'public'));
  }

  function row(one) {
    const { user, role } = one;
    const muted = one.muted_until && new Date(one.muted_until) > Date.now();
    return h('div', { role: 'listitem' }, h('button', { class: 'user-row', type: 'button', 'aria-haspopup': 'menu', dataset: { key: user.id }, onclick: (event) => memberMenu(store, user.id, event.currentTarget) },
      userAvatar(user, 36, true),
      h('span', { class: 'person-text' }, h('b', { dir: 'auto' }, app.people.name(user), user.id === app.me.id && h('span', { class: 'muted' }, ` (${t('you')})`)), h('span', { class: 'muted', dir: 'auto' }, presenceText(user.id) || `@${user.username}`)),
      muted && h('span', { class: 'tag', title: untilText(one.muted_until) }, t('muted')),
      role !== 'member' && !store.direct && h('span', { class: 'tag' }, t(`role.${role}`))));
  }

  async function load() {
    try {
      await store.loadMembers();
      for (const { user } of store.members.slice(0, 50)) app.people.ask(user.id);
      if (store.may('moderator') && !store.direct) await loadBans();
    } catch (error) { fill(body, note(errorText(error))); }
  }

  async function loadBans() {
    const { items } = await app.client.call('ban.list', { room: store.id, limit: 100 });
    fill(bans, items.length > 0 && [h('h3', null, t('bans')), items.map(({ user, until, reason }) => h('div', { class: 'user-row still' }, userAvatar(user, 36),
      h('span', { class: 'person-text' }, h('b', { dir: 'auto' }, user.display_name), h('span', { class: 'muted', dir: 'auto' }, [until ? untilText(until) : t('term.ever'), reason].filter(Boolean).join(' · '))),
      iconButton('close', t('unban', { name: user.display_name }), () => attempt(async () => { await app.client.call('ban.remove', { room: store.id, user: user.id }); await loadBans(); }))))]);
  }

  const soon = eachFrame(draw);
  store.on('members room', soon, signal);
  store.on('event', (event) => { if (/banned$/.test(event.type) && store.may('moderator')) loadBans().catch(() => {}); }, signal);
  app.people.on('change', soon, signal);
  if (store.members) draw();
  load();
  return { title: t('members'), el: h('div', { class: 'pane' }, h('div', { class: 'pane-tools' }, h('div', { class: 'filter' }, icon('search', 16), filter), add), body), destroy: () => stop.abort() };
}
