// What stands within a block of text: emphasis, code, links, and who is called.

import { h } from './dom.js';

export const MAX_DEPTH = 16;
/** How many elements may stand within the blocks of a text. What comes after them is shown as it was written. */
export const MAX_INLINE = 1000;
const MAX_LINK_BYTES = 2048;
/** Controls, and what turns the direction of text that follows. */
export const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
const HIDDEN = /[\0-\x1f\x7f-\x9f\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;
const ENDS = new RegExp(`${HIDDEN.source}|[<>"\`\\\\、。，；！？）」』】》]`, 'u');

/** Text without what cannot be seen and has no place in it. */
export const clean = (text) => text.replace(CONTROLS, '');

/** Text that means nothing but itself. */
const WORDS = /[^\\`<[\]!&*_~\n]+/y;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', copy: '©', hellip: '…', mdash: '—', ndash: '–', euro: '€' };

/**
 * The nodes of a text. On the way it is a list of pieces, each a text, a finished node, or a run of marks that may become
 * emphasis.
 */
export function inline(text, at) {
  const pieces = [];
  const brackets = [];
  const closing = ticks(text);
  let plain = '';
  const flush = () => { if (plain) { pieces.push({ text: plain }); plain = ''; } };
  let n = 0;
  while (n < text.length) {
    const c = text[n];
    WORDS.lastIndex = n;
    if (WORDS.test(text)) {
      const end = WORDS.lastIndex;
      let last = end;
      if (text[end] === '\n') while (last > n && text[last - 1] === ' ') last -= 1;
      plain += text.slice(n, last);
      n = end;
    } else if (c === '\\' && n + 1 < text.length && /[!-/:-@[-`{-~\n]/.test(text[n + 1])) {
      plain += text[n + 1];
      n += 2;
    } else if (c === '`') {
      let from = n;
      while (text[from] === '`') from += 1;
      const close = closing(from, from - n);
      if (close < 0) { plain += text.slice(n, from); n = from; continue; }
      flush();
      let code = text.slice(from, close).replace(/\n/g, ' ');
      if (code.trim() && code.startsWith(' ') && code.endsWith(' ')) code = code.slice(1, -1);
      const end = close + from - n;
      pieces.push({ code: clean(code), text: text.slice(n, end) });
      n = end;
    } else if (c === '<') {
      const rest = text.slice(n, n + MAX_LINK_BYTES + 2);
      const auto = /^<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>/.exec(rest);
      const mail = /^<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>/.exec(rest);
      const found = auto ?? mail;
      const url = found && (auto ? found[1] : `mailto:${found[1]}`);
      if (found && allowed(url)) {
        flush();
        pieces.push({ auto: url, text: found[1], linked: true });
        n += found[0].length;
      } else {
        const tag = /^<\/?[A-Za-z][^<>]*>/.exec(rest)?.[0] ?? found?.[0] ?? c;
        plain += tag;
        n += tag.length;
      }
    } else if (c === '[' || (c === '!' && text[n + 1] === '[')) {
      flush();
      const mark = c === '[' ? '[' : '![';
      brackets.push(pieces.length);
      pieces.push({ text: mark, bracket: true });
      n += mark.length;
    } else if (c === ']') {
      const target = brackets.length ? destination(text, n + 1) : null;
      const begin = brackets.pop();
      if (!target) { plain += c; n += 1; continue; }
      flush();
      const inner = pieces.splice(begin);
      const mark = inner.shift().text;
      emphasize(inner);
      if (allowed(target.url) && !inner.some((one) => one.linked)) {
        pieces.push({ link: target.url, children: inner, linked: true });
        // There are no links in links.
        if (mark === '[') brackets.length = 0;
      } else pieces.push({ text: mark }, ...inner, { text: `](${target.url})` });
      n = target.end;
    } else if (c === '&') {
      const found = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]+));/.exec(text.slice(n, n + 12));
      const code = found && (found[1] ? Number(found[1]) : found[2] ? parseInt(found[2], 16) : null);
      const meant = found && (found[3] ? ENTITIES[found[3]] : code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : '\ufffd');
      plain += meant || c;
      n += meant ? found[0].length : 1;
    } else if (c === '*' || c === '_' || c === '~') {
      let end = n;
      while (text[end] === c) end += 1;
      flush();
      pieces.push(marks(text, n, end, c));
      n = end;
    } else if (c === '\n') {
      plain += '\n';
      n += 1;
      while (text[n] === ' ') n += 1;
    } else {
      plain += c;
      n += 1;
    }
  }
  flush();
  emphasize(pieces);
  return build(pieces, at, at.depth, false);
}

/** Where the next run of just so many ticks is; asked from left to right. */
function ticks(text) {
  const runs = new Map();
  for (const { index, 0: { length } } of text.matchAll(/`+/g)) {
    if (!runs.has(length)) runs.set(length, { at: 0, all: [] });
    runs.get(length).all.push(index);
  }
  return (from, count) => {
    const same = runs.get(count);
    if (!same) return -1;
    while (same.all[same.at] < from) same.at += 1;
    return same.all[same.at] ?? -1;
  };
}

const SPACE = /\s*/y, TARGET = /<([^<>\n]*)>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*/y, TITLE = /"[^"]*"|'[^']*'|\([^()]*\)/y;

/** What stands in the round brackets behind square ones. */
function destination(text, n) {
  if (text[n] !== '(') return null;
  const part = text.slice(n + 1, n + 4096);
  let at = 0;
  const take = (what) => {
    what.lastIndex = at;
    const found = what.exec(part);
    if (found) at = what.lastIndex;
    return found;
  };
  take(SPACE);
  const found = take(TARGET);
  if (take(SPACE)[0]) { take(TITLE); take(SPACE); }
  if (part[at] !== ')') return null;
  return { url: (found[1] ?? found[0]).replace(/\\([!-/:-@[-`{-~])/g, '$1'), end: n + at + 2 };
}

/** A run of marks, and whether it may open or close emphasis there (CommonMark 0.31, section 6.2). */
function marks(text, start, end, c) {
  const before = start ? [...text.slice(Math.max(0, start - 2), start)].at(-1) : ' ';
  const after = end < text.length ? String.fromCodePoint(text.codePointAt(end)) : ' ';
  const space = (char) => /\s/.test(char);
  const left = !space(after) && (!PUNCTUATION.test(after) || space(before) || PUNCTUATION.test(before));
  const right = !space(before) && (!PUNCTUATION.test(before) || space(after) || PUNCTUATION.test(after));
  const length = end - start;
  const word = c === '_';
  if (c === '~' && length > 2) return { text: c.repeat(length) };
  return {
    mark: c, length, whole: length,
    open: left && (!word || !right || PUNCTUATION.test(before)),
    close: right && (!word || !left || PUNCTUATION.test(after)),
  };
}

/** Makes emphasis of the runs of marks that belong together, in place. */
function emphasize(pieces) {
  const bottom = {};
  for (let n = 0; n < pieces.length; n += 1) {
    const closer = pieces[n];
    if (!closer.close || !closer.length) continue;
    const key = closer.mark + (closer.whole % 3) + closer.open;
    let m = n - 1;
    for (; m >= (bottom[key] ?? 0); m -= 1) {
      const one = pieces[m];
      if (one.mark !== closer.mark || !one.open || !one.length) continue;
      if (closer.mark === '~' ? one.length === closer.length
        : !((one.close || closer.open) && (one.whole + closer.whole) % 3 === 0 && (one.whole % 3 || closer.whole % 3))) break;
    }
    if (m < (bottom[key] ?? 0)) {
      bottom[key] = n;
      continue;
    }
    const opener = pieces[m];
    const used = closer.mark === '~' ? closer.length : Math.min(opener.length, closer.length) >= 2 ? 2 : 1;
    const tag = closer.mark === '~' ? 'del' : used === 2 ? 'strong' : 'em';
    opener.length -= used;
    closer.length -= used;
    const children = pieces.splice(m + 1, n - m - 1);
    pieces.splice(m + 1, 0, { tag, children, linked: children.some((one) => one.linked) });
    for (const one of Object.keys(bottom)) bottom[one] = Math.min(bottom[one], m);
    // What is left of the closer may close once more.
    n = m + 1;
  }
}

function build(pieces, at, depth, inLink) {
  const out = [];
  let text = '';
  const flush = () => { if (text) { for (const node of inLink ? lines(text) : run(text, at)) out.push(node); text = ''; } };
  // A stack, since what is too deep to be shown may be of any depth.
  const rest = [...pieces].reverse();
  while (rest.length) {
    const piece = rest.pop();
    const element = piece.auto || piece.code != null || ((piece.tag || piece.link) && depth < MAX_DEPTH);
    if (element && at.spare.elements > 0) {
      at.spare.elements -= 1;
      flush();
      if (piece.auto) out.push(link(piece.auto, [piece.text]));
      else if (piece.code != null) out.push(h('code', null, piece.code));
      else if (piece.link) out.push(...named(link(piece.link, build(piece.children, at, depth + 1, true)), piece.link));
      else out.push(h(piece.tag, null, build(piece.children, at, depth + 1, inLink)));
    } else if (piece.children) for (let n = piece.children.length - 1; n >= 0; n -= 1) rest.push(piece.children[n]);
    else text += piece.text ?? piece.mark.repeat(piece.length);
  }
  flush();
  return out;
}

function link(url, children) {
  const a = h('a', { href: url, rel: 'nofollow noopener noreferrer', target: '_blank' }, children);
  if (!a.textContent) a.textContent = url;
  return a;
}

/** Something that looks like the name of a host, and what cannot be seen in between. */
const HOST = /[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}[\p{L}\p{N}-]+/gu, UNSEEN = /[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u206f\ufeff]/g;

/** A link, and behind it where it leads, if its text looks like the address of something else. */
function named(a, url) {
  const text = a.textContent.slice(0, 4096).normalize('NFKC').replace(UNSEEN, '');
  const hostOf = (address) => { try { return new URL(address).hostname.replace(/^www\./, ''); } catch { return null; } };
  const mail = /^mailto:/i.test(url);
  const host = mail ? url.slice(7).split('?')[0] : hostOf(url);
  if (!host || text === url) return [a];
  const names = [...text.matchAll(HOST)].map(([name]) => hostOf(`http://${name}`));
  const right = mail ? text.replace(/^mailto:/i, '') === host : names.every((name) => name === host);
  return (names.length || text.includes('://')) && (!right || !names.length) ? [a, h('span', { class: 'leads', dir: 'ltr' }, ` (${clean(host)})`)] : [a];
}

/** A run of text: the addresses in it become links, and who is called is marked. */
export function run(text, at) {
  const out = [];
  let cut = 0, end = 0;
  for (const { index, 0: { length } } of text.matchAll(/https?:\/\//gi)) {
    if (index < cut || /[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, index - 2), index)) || !at.spare.elements) continue;
    if (end < index + length) {
      const stop = text.slice(index + length).search(ENDS);
      end = stop < 0 ? text.length : index + length + stop;
    }
    // A link's marks at the end may be left away, but hardly so many.
    if (end - index > 2 * MAX_LINK_BYTES) continue;
    const url = unpunctuated(text.slice(index, end));
    const next = text.slice(end, end + 2);
    // What goes on unseen would lead elsewhere than it looks.
    if (allowed(url) && !(next && HIDDEN.test(next[0]) && !/\s/.test(next[0]))) {
      at.spare.elements -= 1;
      out.push(...calledBy(text.slice(cut, index), at.called), link(url, [url]));
      cut = index + url.length;
    }
  }
  return out.concat(calledBy(text.slice(cut), at.called));
}

/** Without the marks at the end that belong to the sentence. */
function unpunctuated(url) {
  const count = (c) => url.split(c).length - 1;
  const spare = { ')': count(')') - count('('), ']': count(']') - count('[') };
  let end = url.length;
  for (; end > 0; end -= 1) {
    const c = url[end - 1];
    if (c in spare ? spare[c]-- <= 0 : !"?!.,:;*_~'}…".includes(c)) break;
  }
  return url.slice(0, end);
}

/** Whether a link may lead there. */
export function allowed(url) {
  if (url.length > MAX_LINK_BYTES || ENDS.test(url)) return false;
  const web = /^https?:\/\/([^/?#]*)/i.exec(url);
  if (web) return web[1] !== '' && !web[1].startsWith(':') && !web[1].includes('@');
  return /^mailto:[^?]*@/i.test(url);
}

function calledBy(text, called) {
  const out = [];
  let written = 0;
  for (const { index } of called.length ? text.matchAll(/@/g) : []) {
    if (index < written || /[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, index - 2), index))) continue;
    const found = longest(text.slice(index + 1, index + 80), called);
    if (!found) continue;
    out.push(...lines(text.slice(written, index)));
    written = index + 1 + found.length;
    out.push(h('span', { class: 'mention', dataset: { user: found.one.id ?? '' } }, clean(text.slice(index, written))));
  }
  return out.concat(lines(text.slice(written)));
}

function longest(text, called) {
  let best = null;
  const low = text.toLowerCase();
  for (const one of called) {
    const name = one.low;
    const quoted = low.startsWith(`"${name}"`);
    const whole = !quoted && low.startsWith(name) && !/\s/.test(name) && !/^[\p{L}\p{N}_]/u.test(low.slice(name.length));
    const length = quoted ? name.length + 2 : whole ? name.length : 0;
    if (length && length > (best?.length ?? 0)) best = { length, one };
  }
  return best;
}

function lines(text) {
  const out = [];
  clean(text).split('\n').forEach((line, n) => {
    if (n) out.push(h('br'));
    if (line) out.push(line);
  });
  return out;
}
