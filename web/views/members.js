// What can be done about somebody in a room.

import { h } from '../dom.js';
import { app } from '../ctx.js';
import { moment, t } from '../i18n.js';
import { attempt, confirm, dialog, field, form } from './form.js';
import { openMenu } from './menu.js';
import { openDirect } from './roomdialogs.js';
import { userAvatar, presenceText } from './avatar.js';

const RANKS = { reader: 0, member: 1, moderator: 2, owner: 3 };
const TERMS = () => [['600', t('term.minutes')], ['3600', t('term.hour')], ['86400', t('term.day')], ['604800', t('term.week')]];

/** @param {import('../store/room.js').RoomStore} store @param {string} id @param {HTMLElement} anchor */
export async function memberMenu(store, id, anchor) {
  if (!store.members && store.may('moderator') && !store.direct) await store.loadMembers().catch(() => {});
  const member = store.members?.find((one) => one.user.id === id);
  const user = app.people.known.get(id) ?? member?.user;
  if (!user) return;
  const me = id === app.me.id;
  const room = { room: store.id, user: id };
  const may = !me && !store.direct && store.may('moderator') && (!member || RANKS[member.role] < RANKS[store.role]);
  const muted = member?.muted_until && new Date(member.muted_until) > Date.now();
  const act = (method, params, done) => attempt(async () => { await app.client.call(method, { ...room, ...params }); store.membersChanged?.(); }, done);
  const roles = !may || !member ? [] : store.role === 'owner' ? ['moderator', 'member', 'reader'] : ['member', 'reader'];
  openMenu(anchor, [
    { label: t('profile.show', { name: user.display_name }), icon: 'info', run: () => card(user) },
    !me && { label: t('direct.write'), icon: 'send', run: () => attempt(() => openDirect([id])) },
    !me && { label: t(app.people.blocked.has(id) ? 'unblock' : 'block'), icon: 'lock', run: () => block(user) },
    (may || (store.role === 'owner' && member && !me)) ? null : undefined,
    ...roles.map((role) => ({ label: t(`role.make.${role}`), checked: member.role === role, run: () => act('member.set', { role }) })),
    store.role === 'owner' && member && !me && { label: t('role.make.owner'), icon: 'flag', run: () => giveAway(store, user) },
    may && member && { label: t(muted ? 'unmute' : 'mute'), icon: 'bell', run: () => (muted ? act('member.unmute') : mute(store, user)) },
    may && member && { label: t('kick'), icon: 'out', danger: true, run: async () => { if (await confirm({ title: t('kick'), text: t('kick.text', { name: user.display_name }), action: t('kick') })) act('member.remove'); } },
    may && { label: t('ban'), icon: 'trash', danger: true, run: () => ban(store, user) },
  ]);
}

async function card(user) {
  await app.people.ask(user.id, true);
  dialog({ title: user.display_name, body: h('div', { class: 'profile-card' }, userAvatar(user, 96, true), h('b', { dir: 'auto' }, user.display_name), h('span', { class: 'muted' }, `@${user.username}`), h('p', { dir: 'auto' }, presenceText(user.id))) });
}

async function block(user) {
  const on = !app.people.blocked.has(user.id);
  if (on && !(await confirm({ title: t('block'), text: t('block.text', { name: user.display_name }), action: t('block') }))) return;
  await attempt(() => app.people.block(user.id, on), t(on ? 'block.done' : 'unblock.done'));
}

async function giveAway(store, user) {
  if (await confirm({ title: t('role.make.owner'), text: t('owner.text', { name: user.display_name }), action: t('role.make.owner') })) {
    await attempt(() => app.client.call('member.set', { room: store.id, user: user.id, role: 'owner' }));
  }
}

function mute(store, user) {
  const el = dialog({
    title: t('mute.name', { name: user.display_name }),
    body: form({
      fields: [field({ name: 'seconds', label: t('term'), type: 'select', value: '3600', options: TERMS() })],
      submit: t('mute'), cancel: () => el.close(),
      run: async ({ seconds }) => { await app.client.call('member.mute', { room: store.id, user: user.id, seconds: Number(seconds) }); el.close(); },
    }),
  });
}

function ban(store, user) {
  const el = dialog({
    title: t('ban.name', { name: user.display_name }),
    body: form({
      fields: [
        field({ name: 'seconds', label: t('term'), type: 'select', value: '', options: [...TERMS(), ['', t('term.ever')]] }),
        field({ name: 'reason', label: t('reason'), maxlength: 500, autocomplete: 'off' }),
      ],
      submit: t('ban'), danger: true, cancel: () => el.close(),
      run: async ({ seconds, reason }) => {
        await app.client.call('ban.add', { room: store.id, user: user.id, ...(seconds && { seconds: Number(seconds) }), ...(reason.trim() && { reason: reason.trim() }) });
        el.close();
        app.toast(t('ban.done'));
      },
    }),
  });
}

export const untilText = (at) => t('until', { when: moment(at) });
