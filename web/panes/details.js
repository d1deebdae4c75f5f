// A room, and what can be changed about it.

import { fill, h, icon } from '../dom.js';
import { app } from '../ctx.js';
import { moment, t } from '../i18n.js';
import { go, router, to } from '../router.js';
import { peopleOf, roomName } from '../store/rooms.js';
import { showAudit } from '../views/audit.js';
import { presenceText, roomAvatar, userAvatar } from '../views/avatar.js';
import { copy } from '../views/actions.js';
import { attempt, confirm, dialog, field, form, paged } from '../views/form.js';
import { reportCard } from '../views/reports.js';
import { invite } from '../views/roomdialogs.js';

/** @param {import('../store/room.js').RoomStore} store */
export function detailsPane(store) {
  const stop = new AbortController();
  const body = h('div', { class: 'scroll' });
  const draw = () => {
    const { room } = store;
    if (!room) return;
    const line = (sign, text, run, danger) => h('button', { type: 'button', class: `action ${danger ? 'danger' : ''}`, onclick: run }, icon(sign, 18), h('span', null, text));
    const moderates = store.may('moderator') && !store.direct;
    const others = peopleOf(room);
    fill(body, h('div', { class: 'profile-card' }, roomAvatar(room, 88, true), h('b', { class: 'big', dir: 'auto' }, roomName(room)),
      store.direct ? (others.length === 1 ? [h('span', { class: 'muted' }, `@${others[0].username}`), h('p', { dir: 'auto' }, presenceText(others[0].id))] : others.map((user) => h('p', { class: 'inline' }, userAvatar(user, 20), ' ', h('span', { dir: 'auto' }, app.people.name(user)))))
        : [h('span', { class: 'muted' }, `${t(`kind.${room.kind}`)} · ${t('members.n', { n: room.member_count })}`), room.topic && h('p', { dir: 'auto' }, room.topic)],
      h('p', { class: 'muted' }, t('room.since', { when: moment(room.created_at) })),
      rules(room)),
    h('div', { class: 'actions' },
      line('pin', t('pins'), () => go(to(store.id, 'pins'))),
      line('people', t('members'), () => go(to(store.id, 'members'))),
      line('link', t('room.link'), () => copy(location.origin + location.pathname + to(store.id))),
      !store.direct && (moderates || (store.may('member') && room.kind === 'public')) && line('plus', t('invite'), () => invite(store)),
      moderates && line('gear', t('room.change'), () => change(store)),
      moderates && line('flag', t('reports'), () => reports(store)),
      moderates && line('eye', t('filter'), () => filter(store)),
      moderates && line('retry', t('audit'), () => showAudit((page) => app.client.call('audit.list', { room: store.id, ...page }))),
      store.role && !store.direct && store.role !== 'owner' && line('out', t('leave'), () => leave(store), true),
      store.role === 'owner' && !store.direct && line('trash', t('room.delete'), () => remove(store), true)));
  };
  draw();
  store.on('room', draw, stop.signal);
  app.people.on('change', draw, stop.signal);
  return { title: t('details'), el: h('div', { class: 'pane' }, body), destroy: () => stop.abort() };
}

function rules(room) {
  const all = [room.read_only && t('rule.read_only'), room.slow_seconds && t('rule.slow', { n: room.slow_seconds }), room.expire_seconds && t('rule.expire', { span: span(room.expire_seconds) }),
    room.retention_seconds && t('rule.retention', { span: span(room.retention_seconds) }), room.filter && t('rule.filter')].filter(Boolean);
  return all.length > 0 && h('ul', { class: 'rules' }, all.map((text) => h('li', null, text)));
}

function span(seconds) {
  const [n, unit] = seconds % 86_400 === 0 ? [seconds / 86_400, 'day'] : seconds % 3600 === 0 ? [seconds / 3600, 'hour'] : seconds % 60 === 0 ? [seconds / 60, 'minute'] : [seconds, 'second'];
  return new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, unitDisplay: 'long' }).format(n);
}

function change(store) {
  const { room } = store;
  const spans = (values, now, none) => [...new Set([...values, now])].sort((a, b) => a - b).map((value) => [String(value), value ? span(value) : t(none)]);
  const el = dialog({
    title: t('room.change'),
    body: form({
      fields: [
        field({ name: 'name', label: t('room.name'), value: room.name, required: true, maxlength: 100 }),
        field({ name: 'topic', label: t('room.topic'), value: room.topic, type: 'area', maxlength: 1000 }),
        field({ name: 'kind', label: t('room.kind'), type: 'select', value: room.kind, options: [['public', t('kind.public.long')], ['private', t('kind.private.long')]] }),
        field({ name: 'read_only', label: t('rule.read_only'), type: 'check', value: Boolean(room.read_only) }),
        field({ name: 'slow_seconds', label: t('room.slow'), type: 'select', value: String(room.slow_seconds ?? 0), options: spans([0, 5, 10, 30, 60, 300, 900], room.slow_seconds ?? 0, 'never.slow') }),
        field({ name: 'expire_seconds', label: t('room.expire'), type: 'select', value: String(room.expire_seconds ?? 0), options: spans([0, 3600, 86_400, 604_800, 2_592_000], room.expire_seconds ?? 0, 'never') }),
        store.role === 'owner' && field({ name: 'retention_seconds', label: t('room.retention'), type: 'select', value: String(room.retention_seconds ?? 0), options: spans([0, 604_800, 2_592_000, 31_536_000], room.retention_seconds ?? 0, 'term.ever') }),
      ],
      submit: t('save'), cancel: () => el.close(),
      run: async (values) => {
        const numbers = Object.fromEntries(Object.entries(values).filter(([key]) => key.endsWith('_seconds')).map(([key, value]) => [key, Number(value)]));
        const wanted = { ...values, ...numbers };
        const changed = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => value !== (room[key] ?? (typeof value === 'number' ? 0 : typeof value === 'boolean' ? false : ''))));
        if (Object.keys(changed).length) await app.client.call('room.change', { room: store.id, ...changed });
        el.close();
      },
    }),
  });
}

async function reports(store) {
  const body = h('div');
  dialog({ title: t('reports'), body, name: 'wide' });
  const load = () => paged(body, (cursor) => app.client.call('report.list', { room: store.id, limit: 50, ...(cursor && { cursor }) }), ({ report, message }) => {
    const settle = (verdict) => attempt(async () => { await app.client.call('report.settle', { room: store.id, offset: report.target, verdict }); load(); });
    return reportCard(report, message, { href: to(store.id, 'at', report.target) },
      h('button', { class: 'button quiet', type: 'button', onclick: () => settle('dismissed') }, t('report.dismiss')),
      !message.deleted_at && h('button', { class: 'button danger', type: 'button', onclick: () => attempt(async () => { await app.client.call('message.delete', { room: store.id, offset: report.target }); await settle('upheld'); }) }, t('report.delete')));
  }, t('reports.none'));
  load();
}

async function filter(store) {
  await attempt(async () => {
    const now = await app.client.call('filter.get', { room: store.id }).catch((error) => { if (error.status === 404) return null; throw error; });
    const el = dialog({
      title: t('filter'),
      body: form({
        fields: [
          field({ name: 'words', label: t('filter.words'), type: 'area', hint: t('filter.hint'), value: (now?.words ?? []).join('\n') }),
          field({ name: 'action', label: t('filter.action'), type: 'select', value: now?.action ?? 'mask', options: ['mask', 'refuse', 'report'].map((one) => [one, t(`filter.${one}`)]) }),
        ],
        submit: t('save'), cancel: () => el.close(),
        run: async ({ words, action }) => {
          const list = words.split(/[\n,]+/).map((word) => word.trim()).filter(Boolean);
          if (list.length) await app.client.call('filter.set', { room: store.id, words: list, action });
          else if (now) await app.client.call('filter.remove', { room: store.id });
          el.close();
        },
      }),
    });
  });
}

async function leave(store) {
  if (!(await confirm({ title: t('leave'), text: t(store.room.kind === 'private' ? 'leave.private' : 'leave.text', { name: store.room.name }), action: t('leave') }))) return;
  await attempt(async () => { await app.client.call('room.leave', { room: store.id }); gone(store); });
}

async function remove(store) {
  if (!(await confirm({ title: t('room.delete'), text: t('room.delete.text', { name: store.room.name }), action: t('room.delete') }))) return;
  await attempt(async () => { await app.client.call('room.delete', { room: store.id }); gone(store); });
}

function gone(store) {
  app.inbox.drop(store.id);
  if (router.place.room === store.id) router.replace('#/');
}
