// Pictures of people and rooms: their initials on a colour that is always the same.

import { h, icon } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { peopleOf, roomName } from '../store/rooms.js';

const graphemes = new Intl.Segmenter();
const first = (word) => graphemes.segment(word)[Symbol.iterator]().next().value?.segment ?? '';

function initials(name) {
  const words = name.replace(/[^\p{L}\p{N}\p{Extended_Pictographic}\s]/gu, ' ').trim().split(/\s+/).filter(Boolean);
  if (!words.length) return first(name.trim()) || '?';
  return (first(words[0]) + (words.length > 1 ? first(words.at(-1)) : '')).toUpperCase();
}

/** A number of a text, spread over the circle of hues. */
function hue(text) {
  let sum = 7;
  for (const c of text) sum = (sum * 31 + c.codePointAt(0)) % 99991;
  return (sum * 137.5) % 360;
}

/** The letters are drawn by the style sheet: they are no text, to be copied or read out. */
function picture(key, name, kind, size) {
  return h('span', { class: `avatar ${kind}`, 'aria-hidden': 'true', dataset: { initials: initials(name) }, style: { '--hue': hue(key).toFixed(0), '--size': `${size}px` } });
}

/** Somebody's picture; with `dot`, whether they are there. */
export function userAvatar(user, size = 36, dot = false) {
  const el = picture(`u${user.id}`, app.people?.name(user) ?? user.display_name, 'round', size);
  if (dot) el.append(presenceDot(user.id));
  return el;
}

function presenceDot(id) {
  return h('span', { class: 'dot', dataset: { is: app.people.presence.get(id)?.availability ?? 'offline' } });
}

/** A room's picture: that of the other one, where it is the room of two. */
export function roomAvatar(room, size = 40, dot = false) {
  if (room.kind === 'direct') {
    const others = peopleOf(room);
    if (others.length === 1) return userAvatar(others[0], size, dot);
    const el = picture(`r${room.id}`, roomName(room), 'round', size);
    el.dataset.initials = String(others.length);
    return el;
  }
  const el = picture(`r${room.id}`, room.name, 'square', size);
  if (room.kind === 'private') el.append(h('span', { class: 'badge-lock' }, icon('lock', 11)));
  return el;
}

/** "Online", "Away", or what somebody says of themselves. */
export function presenceText(id) {
  const now = app.people.presence.get(id);
  if (!now) return '';
  const word = t(`presence.${now.availability}`);
  return now.status ? `${word} · ${now.status}` : word;
}
