// Making rooms, and bringing people in.

import { debounce, fill, h, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { go, to } from '../router.js';
import { userAvatar } from './avatar.js';
import { attempt, dialog, field, form } from './form.js';

export function createRoom() {
  const el = dialog({
    title: t('rooms.create'),
    body: form({
      fields: [
        field({ name: 'name', label: t('room.name'), required: true, maxlength: 100, autocomplete: 'off', autofocus: true }),
        field({ name: 'topic', label: t('room.topic'), maxlength: 1000, autocomplete: 'off', hint: t('room.topic.hint') }),
        field({ name: 'kind', label: t('room.kind'), type: 'select', value: 'public', options: [['public', t('kind.public.long')], ['private', t('kind.private.long')]] }),
      ],
      submit: t('create'), cancel: () => el.close(),
      run: async ({ name, topic, kind }) => {
        const room = await app.client.call('room.create', { name: name.trim(), kind, ...(topic.trim() && { topic: topic.trim() }) });
        app.inbox.add(room);
        el.close();
        go(to(room.id));
      },
    }),
  });
}

/**
 * Lets one choose people by their names.
 * @param {{submit: string, without?: (id: string) => boolean, run: (users: any[]) => Promise<void>}} options
 */
function peoplePicker({ submit, without, run, close }) {
  const chosen = new Map();
  const input = h('input', { type: 'search', placeholder: t('people.find'), 'aria-label': t('people.find'), autocomplete: 'off', spellcheck: 'false', autofocus: true });
  const rows = h('div', { class: 'pick-list', role: 'group', 'aria-label': t('people') });
  const chips = h('div', { class: 'chips' });
  const button = h('button', { class: 'button', type: 'button', disabled: true }, submit);
  const choose = (user) => {
    if (chosen.has(user.id)) chosen.delete(user.id);
    else chosen.set(user.id, user);
    draw();
  };
  const wanted = () => input.value.trim().replace(/^@/, '');
  const look = async () => {
    const text = wanted();
    const found = await app.people.find(text);
    if (wanted() !== text) return;
    users = found.filter((user) => !without?.(user.id));
    draw();
  };
  let users = [];
  const draw = () => {
    button.disabled = !chosen.size;
    fill(chips, [...chosen.values()].map((user) => h('span', { class: 'chip small' }, userAvatar(user, 20), h('span', { dir: 'auto' }, user.display_name), iconButton('close', t('attach.remove', { name: user.display_name }), () => choose(user)))));
    const focus = document.activeElement?.dataset.user;
    fill(rows, users.length ? users.map((user) => h('button', { type: 'button', class: 'user-row', 'aria-pressed': String(chosen.has(user.id)), dataset: { user: user.id }, onclick: () => choose(user) },
      userAvatar(user, 36, true), h('span', { class: 'person-text' }, h('b', { dir: 'auto' }, user.display_name), h('span', { class: 'muted' }, `@${user.username}`))))
      : h('p', { class: 'muted pad' }, t(wanted() ? 'people.none' : 'people.hint')));
    if (focus) rows.querySelector(`[data-user="${CSS.escape(focus)}"]`)?.focus();
  };
  input.addEventListener('input', debounce(150, look));
  button.addEventListener('click', async () => {
    button.disabled = true;
    if (await attempt(() => run([...chosen.values()]))) close();
    else button.disabled = false;
  });
  look();
  app.people.gather(app.inbox.sorted().map((entry) => entry.room.id)).then(look);
  return h('div', { class: 'picker' }, h('div', { class: 'filter' }, input), chips, rows, h('div', { class: 'form-actions' }, button));
}

export function newDirect() {
  const el = dialog({
    title: t('direct.new'),
    body: peoplePicker({
      submit: t('direct.open'), close: () => el.close(),
      run: async (users) => openDirect(users.map((user) => user.id)),
    }),
  });
}

export async function openDirect(users) {
  const room = await app.client.call('direct.open', { users });
  app.inbox.add(room, true);
  go(to(room.id));
}

/** @param {import('../store/room.js').RoomStore} store */
export async function invite(store) {
  if (!store.members) await store.loadMembers().catch(() => {});
  const el = dialog({
    title: t('invite.to', { name: store.room.name }),
    body: [peoplePicker({
      submit: t('invite'), close: () => el.close(),
      without: (id) => store.members?.some((member) => member.user.id === id),
      run: async (users) => {
        for (const user of users) await app.client.call('member.add', { room: store.id, user: user.id });
        app.toast(t('invite.done'));
      },
    })],
  });
}
