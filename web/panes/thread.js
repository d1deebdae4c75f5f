// A message and all that answers it.

import { eachFrame, fill, h, keyed } from '../dom.js';
import { app } from '../ctx.js';
import { errorText, t } from '../i18n.js';
import { Toolbar } from '../views/actions.js';
import { arrange, signOf } from '../views/arrange.js';
import { Composer } from '../views/composer.js';
import { attempt, note, spinner } from '../views/form.js';
import { messageRow } from '../views/message.js';

/** @param {import('../store/room.js').RoomStore} store */
export function threadPane(store, { arg }) {
  const root = Number(arg);
  const stop = new AbortController();
  const { signal } = stop;
  const offsets = new Set();
  let more = null, ready = false, following = false;
  const rows = h('div', { class: 'rows-inner' });
  const older = h('button', { class: 'button quiet more', type: 'button', hidden: true, onclick: () => load(more) }, t('more.older'));
  const list = h('div', { class: 'list thread-list', role: 'log', 'aria-live': 'off', 'aria-label': t('thread'), tabindex: 0 }, spinner());
  const follow = h('button', { class: 'button quiet small', type: 'button', onclick: () => attempt(async () => {
    await app.client.call(following ? 'thread.unfollow' : 'thread.follow', { room: store.id, offset: root });
    following = !following;
    head();
  }) });
  const count = h('span', { class: 'muted' });
  const foot = h('div', { class: 'foot' });
  let composer = null;
  const atEnd = () => list.scrollHeight - list.clientHeight - list.scrollTop < 60;
  const toEnd = () => { list.scrollTop = list.scrollHeight; };

  function head() {
    follow.textContent = t(following ? 'thread.unfollow' : 'thread.follow');
    follow.setAttribute('aria-pressed', String(following));
  }

  function draw() {
    if (!ready || signal.aborted) return;
    const stuck = atEnd();
    count.textContent = t('thread.replies', { n: store.known.get(root)?.thread?.replies ?? 0 });
    const messages = [root, ...[...offsets].sort((a, b) => a - b)].map((offset) => store.known.get(offset)).filter(Boolean);
    const items = arrange(messages, null).map((item) => ({ ...item, thread: true, grouped: item.grouped && item.message !== messages[1] }));
    const sent = new Set(messages.map((message) => message.client_id));
    for (const item of app.outbox.items(store.id)) {
      if (!sent.has(item.client_id) && (item.draft.reply_to === root || offsets.has(item.draft.reply_to))) items.push({ pending: item, key: item.client_id, ends: true });
    }
    keyed(rows, items, (item) => item.key, signOf, (item) => messageRow(store, item));
    if (stuck) toEnd();
  }

  async function load(before) {
    try {
      const page = await store.fetch(() => app.client.call('thread.messages', { room: store.id, offset: root, limit: 50, ...(before && { before: Number(before) }) }), ({ items }) => {
        for (const message of items) { store.learn(message, true); offsets.add(message.offset); }
      });
      more = page.next;
      older.hidden = !more;
    } catch (error) { app.toast(errorText(error), true); }
  }

  (async () => {
    try {
      const view = await app.client.call('thread.get', { room: store.id, offset: root });
      if (signal.aborted) return;
      store.learn(view.message, true);
      following = view.following;
      await load();
      ready = true;
      head();
      fill(list, older, rows);
      draw();
      toEnd();
      write();
    } catch (error) { fill(list, note(errorText(error))); }
  })();

  function write() {
    if (!store.canWrite && !store.direct) return;
    composer = new Composer(store, { thread: root, sent: () => setTimeout(toEnd, 50) });
    fill(foot, composer.el);
    if (!matchMedia('(pointer: coarse)').matches) composer.focus();
    const toolbar = new Toolbar(store, composer, false);
    const at = (event) => event.target.closest?.('article[data-offset]');
    list.addEventListener('pointerover', (event) => toolbar.at(at(event)));
    list.addEventListener('focusin', (event) => toolbar.at(at(event)));
    list.addEventListener('pointerleave', () => toolbar.at(null));
    list.addEventListener('keydown', (event) => {
      const all = [...rows.querySelectorAll('article')];
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step || event.target.matches('textarea')) return;
      const now = all.indexOf(document.activeElement.closest('article'));
      event.preventDefault();
      (all[now < 0 ? all.length - 1 : now + step] ?? composer.area).focus();
    });
  }

  store.on('event', (event) => {
    const { message } = event;
    if (message?.thread?.root === root && message.offset !== root) offsets.add(message.offset);
  }, signal);
  app.outbox.addEventListener('sent', ({ detail: { message, room } }) => {
    if (room !== store.id || message.thread?.root !== root) return;
    store.learn(message);
    offsets.add(message.offset);
  }, { signal });
  const soon = eachFrame(draw);
  store.on('messages pins', soon, signal);
  store.on('reset', () => load(), signal);
  app.outbox.addEventListener('change', soon, { signal });
  head();
  return {
    title: t('thread'),
    el: h('div', { class: 'pane thread' }, h('div', { class: 'pane-tools' }, count, follow), list, foot),
    destroy: () => { stop.abort(); composer?.destroy(); },
  };
}
