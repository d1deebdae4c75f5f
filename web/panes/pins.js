// What a room keeps in sight.

import { debounce, h, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { to } from '../router.js';
import { attempt, paged } from '../views/form.js';
import { messageCard } from '../views/message.js';

/** @param {import('../store/room.js').RoomStore} store */
export function pinsPane(store) {
  const stop = new AbortController();
  const body = h('div', { class: 'scroll' });
  const load = () => paged(body, (cursor) => app.client.call('pin.list', { room: store.id, limit: 50, ...(cursor && { cursor }) }),
    ({ message }) => messageCard(message, {
      href: to(store.id, 'at', message.offset),
      extra: store.canPin && iconButton('close', t('unpin'), () => attempt(() => app.client.call('pin.remove', { room: store.id, offset: message.offset }))),
    }), t('pins.none'));
  load();
  store.on('pins', debounce(200, load), stop.signal);
  return { title: t('pins'), el: h('div', { class: 'pane' }, body), destroy: () => stop.abort() };
}
