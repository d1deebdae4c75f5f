// What is the user's own, over all rooms: bookmarks, followed threads, and what is sent later.

import { h, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { errorText, moment, t } from '../i18n.js';
import { plain } from '../markup.js';
import { to } from '../router.js';
import { nameOf } from '../store/rooms.js';
import { attempt, paged } from '../views/form.js';
import { changeLater } from '../views/later.js';
import { messageCard } from '../views/message.js';

/** A page with a list, which is fetched anew when something about it is told. */
function page(name, method, row, source, told) {
  const stop = new AbortController();
  const body = h('div');
  const load = () => paged(body, (cursor) => app.client.call(method, { limit: 50, ...(cursor && { cursor }) }), (one) => row(one, load), t(`${name}.none`));
  load();
  source.addEventListener(told, ({ detail }) => { if (source !== app.client || detail.type === 'scheduled.changed') load(); }, { signal: stop.signal });
  return { title: t(name), el: h('div', { class: 'page' }, body), destroy: () => stop.abort() };
}

export const bookmarksPage = () => page('bookmarks', 'bookmark.list', ({ message, note }) => messageCard(message, {
  href: to(message.room, 'at', message.offset), where: [nameOf(message.room), note].filter(Boolean).join(' · '),
  extra: iconButton('close', t('bookmark.remove'), () => attempt(() => app.bookmarks.set(message, false))),
}), app.bookmarks, 'change');

export const threadsPage = () => page('threads', 'thread.list', ({ message, unread }) => messageCard(message, {
  href: to(message.room, 'thread', message.offset), where: `${nameOf(message.room)} · ${t('thread.replies', { n: message.thread?.replies ?? 0 })}`,
  extra: unread > 0 && h('span', { class: 'badge', 'aria-label': t('unread.n', { n: unread }) }, String(unread)),
}), app.inbox, 'message');

export const scheduledPage = () => page('scheduled', 'scheduled.list', (one, load) => h('div', { class: 'card later', role: 'listitem' }, h('div', { class: 'body' },
  h('div', { class: 'card-where', dir: 'auto' }, `${nameOf(one.room)} · ${moment(one.send_at)}`),
  h('div', { class: 'text', dir: 'auto' }, plain(one.text)),
  one.failed && h('p', { class: 'failure' }, t('message.failed'), ' ', errorText(one.failed))),
iconButton('edit', t('edit'), () => changeLater(one, load)),
iconButton('trash', t('delete'), () => attempt(async () => { await app.client.call('scheduled.remove', { id: one.id }); load(); }, t('later.removed')))), app.client, 'personal');
