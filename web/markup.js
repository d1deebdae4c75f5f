// What people write, as nodes: the subset of Markdown that crates/chat-markup writes as HTML, by the same rules. There is no
// string of HTML anywhere in between.

import { h } from './dom.js';
import { clean, CONTROLS, inline, MAX_DEPTH, MAX_INLINE, run } from './markup-inline.js';

export { allowed, clean } from './markup-inline.js';

const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-+*]|\d{1,9}[.)])(?:([ \t]+)(.*)|)$/;
/** The marks of all quotes and lists that a line begins with. */
const CONTAINERS = /^(?: *(?:>|(?:[-+*]|\d{1,9}[.)])(?= |$)))+ ?/;
const RAW = /^ {0,3}(?:<\/?(?:address|article|aside|blockquote|body|center|details|dialog|dd|div|dl|dt|fieldset|figure|footer|form|frame|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|nav|noframes|ol|option|p|param|pre|script|section|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|track|ul)(?:[\s>]|\/>|$)|<[!?])/i;

/** A tag alone in a line. */
const ALONE = /^ {0,3}<(?:[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?|\/[a-z][a-z0-9-]*\s*)>\s*$/i;
/** Begins a line that goes on with a paragraph, whatever it looks like. */
const LAZY = '\0';

/** A name behind an `@`, and whose it is; none for all. @typedef {{name: string, id?: string}} Called */

/** Whom a message calls, as `render` needs it. @returns {Called[]} */
export function calledIn({ mentions }) {
  if (!mentions) return [];
  const users = (mentions.users ?? []).map(({ username, id }) => ({ name: username, id }));
  return [...users, mentions.room && { name: 'room' }, mentions.here && { name: 'here' }].filter(Boolean);
}

/** The text as blocks. @param {string} text @param {Called[]} [called] */
export function render(text, called = []) {
  const out = document.createDocumentFragment();
  const names = called.slice(0, 64).map((one) => ({ ...one, low: one.name.toLowerCase() }));
  blocks(text.replace(/\r\n?/g, '\n').split('\n').map(untab), out, { called: names, depth: 0, outer: true, tight: false, flat: false, spare: { elements: MAX_INLINE } });
  return out;
}

const untab = (line) => line.replace(/^[ \t]+/, (space) => {
  let width = 0;
  for (const c of space) width += c === '\t' ? 4 - (width % 4) : 1;
  return ' '.repeat(width);
});

/** The text in one line without its marks, for lists and notifications. */
export function plain(text) {
  return text.slice(0, 500).replace(CONTROLS, '').replace(/```\w*/g, ' ').replace(/(\*\*|__|~~|`)/g, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/^\s*(?:>|#{1,6} |[-+*] )\s*/gm, '').replace(/\s+/g, ' ').trim();
}

/** Whether a line may end in the middle of a paragraph. */
const goesOn = (line) => Boolean(line?.trim()) && !FENCE.test(line) && !RULE.test(line) && !HEADING.test(line) && indent(line) < 4;

const indent = (line) => line.length - line.trimStart().length;

function interrupts(line) {
  const item = ITEM.exec(line);
  return FENCE.test(line) && fence(line) || RULE.test(line) || HEADING.test(line) || QUOTE.test(line) || RAW.test(line)
    || (item && item[4]?.trim() && (!/\d/.test(item[2]) || parseInt(item[2], 10) === 1));
}

function fence(line) {
  const found = FENCE.exec(line);
  return found && !(found[1][0] === '`' && found[2].includes('`')) ? found : null;
}

/** What a heading says, without the marks around it. */
function headed(line) {
  const text = line.trim().replace(/^#+/, '').trim();
  let end = text.length;
  while (text[end - 1] === '#') end -= 1;
  return end && !/[ \t]/.test(text[end - 1]) ? text : text.slice(0, end).trimEnd();
}

/** Blocks that would be too deep: without the quotes and lists around them, however many those are. */
function flatten(lines, out, at) {
  blocks(lines.map((line) => line.replace(CONTAINERS, '')), out, { ...at, flat: true });
}

function blocks(lines, out, at) {
  const dir = at.outer ? { dir: 'auto' } : {};
  let n = 0;
  while (n < lines.length) {
    const line = lines[n];
    if (!line.trim()) { n += 1; continue; }
    const opened = fence(line);
    if (opened) {
      const [, marks, info] = opened;
      const code = [];
      const closing = new RegExp(`^ {0,3}${marks[0]}{${marks.length},} *$`);
      const inset = indent(line);
      for (n += 1; n < lines.length && !closing.test(lines[n]); n += 1) code.push(lines[n].slice(Math.min(inset, indent(lines[n]))));
      n += 1;
      out.append(codeBlock(code, info.trim().split(/[ \t,{]/)[0]));
    } else if (indent(line) >= 4) {
      const code = [];
      for (; n < lines.length && (indent(lines[n]) >= 4 || !lines[n].trim()); n += 1) code.push(lines[n].slice(4));
      while (!code.at(-1).trim()) code.pop();
      out.append(codeBlock(code, ''));
    } else if (RULE.test(line)) {
      out.append(h('hr'));
      n += 1;
    } else if (HEADING.test(line)) {
      out.append(h('p', dir, h('strong', null, inline(headed(line), at))));
      n += 1;
    } else if (QUOTE.test(line) && !at.flat) {
      const inner = [];
      for (; n < lines.length; n += 1) {
        if (QUOTE.test(lines[n])) inner.push(lines[n].replace(QUOTE, ''));
        // A lazy line goes on with the paragraph that is open.
        else if (lines[n].trim() && goesOn(inner.at(-1)) && !interrupts(lines[n]) && !ITEM.test(lines[n])) inner.push(LAZY + lines[n].trimStart());
        else break;
      }
      nested('blockquote', dir, inner, out, at);
    } else if (ITEM.test(line) && !at.flat) {
      n = list(lines, n, out, at, dir);
    } else if (RAW.test(line) || ALONE.test(line)) {
      const raw = [];
      for (; n < lines.length && lines[n].trim(); n += 1) raw.push(lines[n]);
      out.append(h('p', dir, run(raw.join('\n'), at)));
    } else {
      const text = [line.replace(LAZY, '')];
      let strong = false;
      for (n += 1; n < lines.length && lines[n].trim(); n += 1) {
        if (/^ {0,3}(?:=+|-+)[ \t]*$/.test(lines[n])) { strong = true; n += 1; break; }
        if (interrupts(lines[n])) break;
        text.push(lines[n].replace(LAZY, ''));
      }
      const content = inline(text.join('\n').trim(), at);
      if (strong) out.append(h('p', dir, h('strong', null, content)));
      else if (at.tight) out.append(...content);
      else out.append(h('p', dir, content));
    }
  }
}

function nested(tag, props, lines, out, at) {
  if (at.depth >= MAX_DEPTH) { flatten(lines, out, at); return; }
  const el = h(tag);
  blocks(lines, el, { ...at, depth: at.depth + 1, outer: false, tight: false });
  if (props.dir) el.setAttribute('dir', props.dir);
  out.append(el);
}

function list(lines, n, out, at, dir) {
  const [, , mark] = ITEM.exec(lines[n]);
  const kind = mark.at(-1);
  const ordered = /\d/.test(mark);
  const items = [];
  let loose = false, blank = false;
  while (n < lines.length) {
    const found = ITEM.exec(lines[n]);
    if (!found || found[2].at(-1) !== kind || /\d/.test(found[2]) !== ordered || RULE.test(lines[n])) break;
    if (blank) loose = true;
    const [, space, marker, gap = ' ', rest = ''] = found;
    const width = space.length + marker.length + (gap.length > 4 || !rest ? 1 : gap.length);
    const item = [(gap.length > 4 ? gap.slice(1) : '') + rest];
    blank = false;
    for (n += 1; n < lines.length; n += 1) {
      const line = lines[n];
      if (!line.trim()) { blank = true; item.push(''); continue; }
      if (indent(line) >= width) {
        if (blank && item.at(-1) === '') loose ||= item.slice(0, -1).some((one) => one.trim());
        item.push(line.slice(width));
      } else if (!blank && !ITEM.test(line) && !interrupts(line) && goesOn(item.at(-1))) item.push(LAZY + line.trimStart());
      else break;
      blank = false;
    }
    while (item.length && !item.at(-1).trim()) item.pop();
    items.push(item);
  }
  const start = parseInt(mark, 10);
  if (at.depth + 2 > MAX_DEPTH) {
    for (const item of items) { flatten(item, out, { ...at, tight: true }); if (out.lastChild?.nodeType === 3) out.append(h('br')); }
    return n;
  }
  const el = h(ordered ? 'ol' : 'ul', { start: ordered && start !== 1 && start });
  for (const item of items) {
    const li = h('li');
    blocks(item, li, { ...at, depth: at.depth + 2, outer: false, tight: !loose });
    el.append(li);
  }
  if (dir.dir) el.setAttribute('dir', dir.dir);
  out.append(el);
  return n;
}

function codeBlock(lines, word) {
  const known = /^[A-Za-z0-9+\-#._]{1,32}$/.test(word);
  return h('pre', { dir: 'auto', tabindex: 0 }, h('code', { class: known && `language-${word.toLowerCase()}` }, clean(lines.map((line) => line.replace(LAZY, '')).join('\n'))));
}
