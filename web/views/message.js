// One message.

import { fill, h, icon } from '../dom.js';
import { app } from '../ctx.js';
import { day, errorText, list, moment, t, time } from '../i18n.js';
import { go, router, to } from '../router.js';
import { calledIn, clean, plain, render } from '../markup.js';
import { isPlace } from '../store/history.js';
import { calls } from '../store/people.js';
import { previewsOf } from '../store/previews.js';
import { userAvatar } from './avatar.js';
import { filesOf, pendingFiles } from './files.js';
import { toggleReaction } from './actions.js';
import { toldText } from './told.js';

const ONLY_EMOJI = /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f\s]|[\u{1f1e6}-\u{1f1ff}]){1,12}$/u;

/** What is longer than this, in characters or in lines, is folded; of that, so much is made before it is unfolded. */
const LONG = [1200, 24], MADE = [3000, 60];
/** The messages that somebody has unfolded. */
const unfolded = new Set();

/** A message with what stands before it. What cannot be shown as it should is shown plainly, and the others as ever. @param {any} store @param {any} item see arrange.js */
export function messageRow(store, item) {
  try {
    return wholeRow(store, item);
  } catch (error) {
    console.warn(error);
    const { offset, text } = item.message ?? {};
    return h('div', { class: 'row' }, h('article', { class: 'msg', tabindex: -1, dataset: { key: item.key, ...(offset && { offset }) } }, h('div', { class: 'gutter' }),
      h('div', { class: 'body' }, h('p', { class: 'text', dir: 'auto', 'data-text': true }, clean(text ?? item.pending?.draft.text ?? '').slice(0, MADE[0])))));
  }
}

function wholeRow(store, item) {
  return h('div', { class: 'row' },
    item.day && h('div', { class: 'day', role: 'separator', 'aria-label': day(item.day) }, h('span', null, day(item.day))),
    item.line && h('div', { class: 'unread-line', role: 'separator', 'aria-label': t('unread.line') }, h('span', null, t('unread.line'))),
    item.told ? told(store, item.told) : item.pending ? pending(store, item.pending, item) : article(store, item.message, item));
}

/** What happened besides; what was pinned leads there. */
function told(store, all) {
  const text = toldText(all), [{ target }] = all;
  return h('p', { class: 'told', dir: 'auto' }, target ? h('a', { href: to(store.id, 'at', target), tabindex: -1 }, text) : text);
}

function article(store, message, { grouped, thread, readers }) {
  const { sender } = message;
  const name = app.people.name(sender);
  const gone = isPlace(message);
  const mine = sender.id === app.me.id;
  const at = h('time', { datetime: message.created_at, title: moment(message.created_at) }, time(message.created_at));
  const el = h('article', {
    class: ['msg', grouped && 'grouped', calls(message, app.me.id) && !mine && !gone && 'called', mine && 'mine', store.pins?.has(message.offset) && 'pinned'].filter(Boolean).join(' '),
    tabindex: -1, dataset: { offset: message.offset, key: message.offset },
    'aria-label': `${name}, ${time(message.created_at)}: ${gone ? t('message.deleted') : plain(message.text).slice(0, 300) || (message.attachments ?? []).map((file) => file.name).join(', ')}`,
  },
  h('div', { class: 'gutter' }, grouped ? at : userAvatar(sender, 36)),
  h('div', { class: 'body' },
    !grouped && h('div', { class: 'head' }, h('button', { class: 'name', type: 'button', tabindex: -1, dir: 'auto', dataset: { user: sender.id } }, name), at,
      store.pins?.has(message.offset) && h('span', { class: 'tag' }, icon('pin', 12), t('pinned'))),
    message.withheld ? h('p', { class: 'gone' }, t('message.withheld'))
      : message.deleted_at ? h('p', { class: 'gone' }, icon('trash', 14), t('message.deleted'))
        : content(store, message, thread),
    message.reactions?.length > 0 && reactions(store, message),
    !thread && message.thread?.replies > 0 && message.thread.root === message.offset && threadChip(store, message),
    readers?.length > 0 && seenBy(store, readers)));
  return el;
}

function content(store, message, thread) {
  const text = h('div', { class: 'text', dir: 'auto', 'data-text': true });
  const folds = folding(text, message.text, `${store.id}/${message.offset}`, (said) => {
    fill(text, render(said, calledIn(message)));
    for (const called of text.querySelectorAll('.mention')) if (called.dataset.user === app.me.id || !called.dataset.user) called.classList.add('self');
  });
  if (ONLY_EMOJI.test(message.text) && /\p{Extended_Pictographic}|[\u{1f1e6}-\u{1f1ff}]/u.test(message.text)) text.classList.add('jumbo');
  const mark = message.edited_at && h('span', { class: 'edited', title: moment(message.edited_at) }, ` ${t('message.edited')}`);
  if (mark && !folds) {
    (text.lastElementChild?.tagName === 'P' ? text.lastElementChild : text).append(mark);
  }
  return [
    message.quote && !(thread && message.reply_to === message.thread?.root) && quote(store, message),
    message.text && text, folds, folds && mark,
    message.attachments?.length > 0 && filesOf(message, message.attachments),
    previewsOf(store, message).map(preview),
    message.expires_at && h('span', { class: 'tag', title: moment(message.expires_at) }, t('message.expires')),
  ];
}

/** The beginning of a text. */
function beginning(text, [length, lines]) {
  let end = -1;
  for (let n = 0; n < lines; n += 1) {
    end = text.indexOf('\n', end + 1);
    if (end < 0) { end = text.length; break; }
  }
  // Not in the middle of a pair.
  const cut = Math.min(end, length);
  return text.slice(0, /[\ud800-\udbff]/.test(text[cut - 1]) ? cut - 1 : cut);
}

/** Draws a text, of a long one the beginning, and gives the button for the rest. */
function folding(el, text, key, draw) {
  if (beginning(text, LONG) === text) { draw(text); return null; }
  const button = h('button', { type: 'button', class: 'link fold', dataset: { key: 'fold' }, onclick: () => {
    if (!unfolded.delete(key)) unfolded.add(key);
    button.dispatchEvent(new CustomEvent('fold', { bubbles: true }));
    show();
    if (!unfolded.has(key)) button.scrollIntoView({ block: 'nearest' });
  } });
  const show = () => {
    const open = unfolded.has(key);
    el.classList.toggle('folded', !open);
    draw(open ? text : beginning(text, MADE));
    button.setAttribute('aria-expanded', String(open));
    fill(button, t(open ? 'message.fold' : 'message.unfold'));
  };
  show();
  return button;
}

/** Somebody else's words about a page. Its picture is not fetched: that site would know who reads here. */
function preview({ url, title, description, site_name }) {
  return h('a', { class: 'preview', href: url, target: '_blank', rel: 'nofollow noopener noreferrer', tabindex: -1, dir: 'auto' },
    h('span', { class: 'muted' }, site_name || new URL(url).host), h('b', null, title), description && h('span', { class: 'preview-text' }, description));
}

function quote(store, message) {
  const { quote: said, reply_to: answered } = message;
  const now = store.known.get(answered);
  const gone = now?.deleted_at;
  return h('a', { class: 'quote', href: to(store.id, 'at', answered), tabindex: -1, onclick: (event) => { event.preventDefault(); go('#/room/' + encodeURIComponent(store.id)); jump(store, answered); } },
    h('span', { class: 'quote-name', dir: 'auto' }, app.people.name(said.sender)), h('span', { class: 'quote-text', dir: 'auto' }, gone ? t('message.deleted') : plain(said.text) || t('message.file')));
}

function jump(store, offset) { store.emit('jump', offset); }

function reactions(store, message) {
  return h('div', { class: 'reactions', role: 'group', 'aria-label': t('reactions') }, message.reactions.map((one) => {
    const button = h('button', {
      type: 'button', tabindex: -1, class: 'reaction', 'aria-pressed': String(Boolean(one.mine)), dataset: { key: `r${one.reaction}` },
      'aria-label': t('reaction.n', { emoji: one.reaction, n: one.count }), onclick: () => toggleReaction(store, message, one.reaction),
      onpointerenter: () => who(store, message, one.reaction, button),
    }, h('span', { class: 'reaction-emoji' }, one.reaction), h('span', null, String(one.count)));
    return button;
  }));
}

async function who(store, message, reaction, button) {
  if (button.title) return;
  button.title = reaction;
  try {
    const { items } = await app.client.call('reaction.list', { room: store.id, offset: message.offset, reaction, limit: 20 });
    button.title = `${list(items.map(({ user }) => (user.id === app.me.id ? t('you') : app.people.name(user))))}: ${reaction}`;
  } catch { /* Without names. */ }
}

function threadChip(store, message) {
  const { replies } = message.thread;
  const open = router.place.pane === 'thread' && Number(router.place.arg) === message.offset;
  return h('a', { class: 'thread-chip', tabindex: -1, href: to(store.id, 'thread', message.offset), 'aria-current': open && 'true' }, icon('thread', 16), t('thread.replies', { n: replies }));
}

function seenBy(store, readers) {
  const names = readers.map((user) => app.people.name(user));
  return h('div', { class: 'seen', title: t('seen.by', { names: list(names) }), 'aria-label': t('seen.by', { names: list(names) }), role: 'img' },
    store.direct && readers.length === 1 ? [icon('check', 14), h('span', null, t('seen'))] : [icon('check', 14), readers.slice(0, 6).map((user) => userAvatar(user, 16)), readers.length > 6 && h('span', null, `+${readers.length - 6}`)]);
}

/** What is not acknowledged yet. */
function pending(store, item, { grouped, ends }) {
  const failed = item.state === 'failed';
  const { draft } = item;
  const text = h('div', { class: 'text', dir: 'auto', 'data-text': true });
  const folds = folding(text, draft.text, item.client_id, (said) => fill(text, render(said)));
  return h('article', { class: `msg mine pending ${failed ? 'failed' : ''} ${grouped ? 'grouped' : ''}`, tabindex: -1, dataset: { clientId: item.client_id, key: item.client_id }, 'aria-label': `${app.me.display_name}: ${plain(draft.text)}. ${t(failed ? 'message.failed' : 'message.sending')}` },
    h('div', { class: 'gutter' }, grouped ? h('time', null, time(item.at)) : userAvatar(app.me, 36)),
    h('div', { class: 'body' },
      !grouped && h('div', { class: 'head' }, h('span', { class: 'name', dir: 'auto' }, app.me.display_name), h('time', null, time(item.at))),
      draft.text && text, folds, draft.attachments?.length > 0 && pendingFiles(draft.attachments),
      failed && h('div', { class: 'failure', role: 'alert' }, h('span', null, t('message.failed'), ' ', errorText(item.error)),
        h('button', { type: 'button', class: 'link', dataset: { key: 'retry' }, onclick: () => app.outbox.retry(item.client_id) }, icon('retry', 14), t('retry')),
        h('button', { type: 'button', class: 'link', dataset: { key: 'drop' }, onclick: () => { app.outbox.drop(item.client_id); store.emit('discarded', draft); } }, icon('trash', 14), t('discard'))),
      !failed && ends && app.client.state !== 'online' && h('span', { class: 'tag' }, t('message.waiting'))));
}

/** A message alone, for lists of what was found or pinned. @param {any} message @param {{text?: Node, extra?: any, href: string, where?: string, role?: string}} more */
export function messageCard(message, { text, extra, href, where, role = 'listitem' }) {
  const body = h('div', { class: 'text', dir: 'auto' });
  if (text) body.append(text);
  else if (message.deleted_at) body.append(t('message.deleted'));
  else fill(body, plain(message.text) || message.attachments?.map((file) => file.name).join(', '));
  return h('div', { class: 'card', role }, h(href ? 'a' : 'div', { href, class: 'card-link' }, userAvatar(message.sender, 28),
    h('div', { class: 'body' }, h('div', { class: 'head' }, h('span', { class: 'name', dir: 'auto' }, app.people.name(message.sender)),
      h('time', { datetime: message.created_at, title: moment(message.created_at) }, `${day(message.created_at)}, ${time(message.created_at)}`)),
    where && h('div', { class: 'card-where', dir: 'auto' }, where), body)), extra);
}
