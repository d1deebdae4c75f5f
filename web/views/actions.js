// What can be done with a message, and its menus.

import { h, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { go, to } from '../router.js';
import { isPlace } from '../store/history.js';
import { attempt, confirm, dialog, field, form } from './form.js';
import { openMenu } from './menu.js';
import { pickEmoji, QUICK } from './emoji.js';

export async function toggleReaction(store, message, reaction) {
  const mine = (store.known.get(message.offset)?.reactions ?? []).find((one) => one.reaction === reaction)?.mine;
  await attempt(async () => {
    const answer = await app.client.call(mine ? 'reaction.remove' : 'reaction.add', { room: store.id, offset: message.offset, reaction });
    // The event says the same; this is for who looks at a room without being told its events yet.
    if (answer?.count != null) { store.react(message.offset, reaction, answer.count, true); store.emit('messages'); }
  });
}

const live = (message) => message && !isPlace(message);
export const mayEdit = (store, message) => live(message) && message.sender.id === app.me.id && store.may('member');
export const mayDelete = (store, message) => live(message) && (message.sender.id === app.me.id ? store.may('member') || store.direct : store.may('moderator') && !store.direct);
const mayReact = (store, message) => live(message) && (store.may('member') || store.direct);
const mayReply = (store, message) => live(message) && (store.canWrite);

export async function deleteMessage(store, message) {
  const yes = await confirm({ title: t('delete.title'), text: t('delete.text'), action: t('delete') });
  if (yes) await attempt(() => app.client.call('message.delete', { room: store.id, offset: message.offset }));
}

export function openThread(store, message) {
  go(to(store.id, 'thread', message.thread?.root ?? message.offset));
}

/** All that can be done. @param {any} store @param {any} message @param {any} anchor @param {{reply?: Function, edit?: Function}} composer */
export function messageMenu(store, message, anchor, composer) {
  const room = { room: store.id, offset: message.offset };
  const pinned = store.pins?.has(message.offset);
  const link = location.origin + location.pathname + to(store.id, 'at', message.offset);
  const mine = message.sender.id === app.me.id;
  openMenu(anchor, [
    mayReact(store, message) && { label: t('react'), icon: 'smile', run: () => pickEmoji(anchor, (emoji) => toggleReaction(store, message, emoji)) },
    mayReply(store, message) && { label: t('reply'), icon: 'reply', run: () => composer.reply(message) },
    live(message) && { label: t('thread.open'), icon: 'thread', run: () => openThread(store, message) },
    mayEdit(store, message) && { label: t('edit'), icon: 'edit', run: () => composer.edit(message) },
    live(message) && message.text && { label: t('copy'), icon: 'copy', run: () => copy(message.text) },
    { label: t('copy.link'), icon: 'link', run: () => copy(link) },
    live(message) && { label: t(app.bookmarks.has(message) ? 'bookmark.remove' : 'bookmark'), icon: 'bookmark', run: () => bookmark(message) },
    !mine && store.role && { label: t('unread.mark'), icon: 'eye', run: () => unread(store, room) },
    live(message) && store.canPin && { label: t(pinned ? 'unpin' : 'pin'), icon: 'pin', run: () => attempt(() => app.client.call(pinned ? 'pin.remove' : 'pin.add', room)) },
    (store.may('moderator') && (message.edited_at || message.deleted_at)) && { label: t('versions'), icon: 'retry', run: () => versions(store, message) },
    (live(message) && !mine && store.role && !store.direct) || mayDelete(store, message) ? null : undefined,
    live(message) && !mine && store.role && !store.direct && { label: t('report'), icon: 'flag', run: () => report(store, message) },
    mayDelete(store, message) && { label: t('delete'), icon: 'trash', danger: true, run: () => deleteMessage(store, message) },
  ]);
}

function bookmark(message) {
  const on = !app.bookmarks.has(message);
  return attempt(() => app.bookmarks.set(message, on), t(on ? 'bookmark.done' : 'bookmark.removed'));
}

function unread(store, room) {
  // What is looked at stays unread until one comes back.
  store.kept = true;
  return attempt(async () => app.inbox.marked(await app.client.call('read.unmark', room)), t('unread.marked'));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages that came over plain HTTP have no clipboard.
    const area = h('textarea', { value: text, class: 'hidden-text' });
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  app.toast(t('copied'));
}

function report(store, message) {
  const el = dialog({
    title: t('report'),
    body: [h('p', null, t('report.text')), form({
      fields: [field({ name: 'reason', label: t('reason'), type: 'area', maxlength: 500 })],
      submit: t('report'), cancel: () => el.close(),
      run: async ({ reason }) => {
        await app.client.call('report.add', { room: store.id, offset: message.offset, ...(reason.trim() && { reason: reason.trim() }) });
        el.close();
        app.toast(t('report.done'));
      },
    })],
  });
}

async function versions(store, message) {
  await attempt(async () => {
    const { items } = await app.client.call('message.versions', { room: store.id, offset: message.offset });
    dialog({
      title: t('versions'),
      body: items.length ? h('div', { class: 'rows' }, items.map((one) => h('div', { class: 'card' }, h('div', { class: 'body' },
        h('p', { class: 'text', dir: 'auto' }, one.text), h('p', { class: 'muted' }, t('versions.by', { name: app.people.name(one.replaced_by) })))))) : h('p', null, t('versions.none')),
    });
  });
}

/** The buttons that come up over a message. One set serves all: it moves to where the pointer or the focus is. */
export class Toolbar {
  constructor(store, composer, listed) {
    this.store = store;
    this.composer = composer;
    const on = (act) => (event) => { event.stopPropagation(); const message = store.known.get(this.offset); if (message) act(message, event.currentTarget); };
    const quick = QUICK.slice(0, 3).map((emoji) => h('button', { type: 'button', tabindex: -1, class: 'icon-button quick', 'aria-label': t('react.with', { emoji }), title: emoji, onclick: on((message) => toggleReaction(store, message, emoji)) }, emoji));
    this.react = [...quick, iconButton('smile', t('react'), on((message, at) => pickEmoji(at, (emoji) => toggleReaction(store, message, emoji))), { tabindex: -1 })];
    this.reply = iconButton('reply', t('reply'), on((message) => composer.reply(message)), { tabindex: -1 });
    this.thread = iconButton('thread', t('thread.open'), on((message) => openThread(store, message)), { tabindex: -1 });
    this.more = iconButton('more', t('message.more'), on((message, at) => messageMenu(store, message, at, composer)), { tabindex: -1, 'aria-haspopup': 'menu' });
    this.el = h('div', { class: 'toolbar', role: 'toolbar', 'aria-label': t('message.actions') }, this.react, this.reply, listed && this.thread, this.more);
  }

  /** Shows itself at an article; at none, nowhere. */
  at(article) {
    if (this.el.querySelector('[data-open]')) return;
    const offset = Number(article?.dataset.offset);
    const message = this.store.known.get(offset);
    if (!message) { this.el.remove(); return; }
    this.offset = offset;
    for (const button of this.react) button.hidden = !mayReact(this.store, message);
    this.reply.hidden = !mayReply(this.store, message);
    this.thread.hidden = !live(message);
    if (this.el.parentElement !== article) article.append(this.el);
  }
}
