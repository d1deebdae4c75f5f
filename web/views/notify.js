// What draws the user's attention: the title, the browser's notifications, and words for a screen reader.

import { h } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { go, router, to } from '../router.js';
import { plain } from '../markup.js';
import { keep, recall } from '../store/kept.js';
import { calls } from '../store/people.js';
import { roomName } from '../store/rooms.js';

let where = '';

export function setTitle(name) {
  where = name;
  drawTitle();
}

function drawTitle() {
  const { mentions, rooms } = app.inbox?.total() ?? { mentions: 0, rooms: 0 };
  const count = mentions ? `(${mentions > 99 ? '99+' : mentions}) ` : rooms ? '• ' : '';
  document.title = `${count}${where ? `${where} · ` : ''}${t('app')}`;
}

/** Whether the browser's notifications are wanted and allowed. */
export const notifying = () => globalThis.Notification?.permission === 'granted' && recall('notify') !== 'off';

export async function askToNotify(on) {
  keep('notify', on ? 'on' : 'off');
  if (on && globalThis.Notification?.permission === 'default') await Notification.requestPermission();
  return notifying();
}

export function startNotifying(root) {
  const live = h('div', { class: 'hidden-text', role: 'status', 'aria-live': 'polite' });
  const toasts = h('div', { class: 'toasts', role: 'alert' });
  root.append(live, toasts);
  let clear = 0;
  app.announce = (text) => {
    live.append(h('p', null, text));
    while (live.children.length > 5) live.firstChild.remove();
    clearTimeout(clear);
    clear = setTimeout(() => live.replaceChildren(), 10_000);
  };
  app.toast = (text, bad = false) => {
    const el = h('div', { class: bad ? 'toast bad' : 'toast' }, text);
    toasts.append(el);
    setTimeout(() => el.remove(), bad ? 7000 : 3500);
  };
  app.inbox.on('change', drawTitle);
  app.inbox.on('message', ({ entry, message }) => {
    const here = router.place.room === entry.room.id;
    const text = plain(message.text) || message.attachments?.map((file) => file.name).join(', ') || '';
    const name = app.people.name(message.sender);
    const seen = here && document.hasFocus();
    if (here) app.announce(`${name}: ${text}`);
    if (seen) return;
    const called = calls(message, app.me.id);
    if (!called && entry.room.kind !== 'direct') return;
    if (!here) app.announce(t('announce.elsewhere', { name, room: roomName(entry.room) }));
    if (notifying() && !document.hasFocus()) show(entry.room, name, text, message);
  });
}

function show(room, name, text, message) {
  try {
    const one = new Notification(room.kind === 'direct' ? name : `${name} · ${roomName(room)}`, {
      body: text.slice(0, 200), tag: `${room.id}/${message.offset}`, icon: new URL('../icon.svg', import.meta.url).href,
    });
    one.onclick = () => { window.focus(); go(to(room.id)); one.close(); };
  } catch { /* Where only a service worker may. */ }
}
