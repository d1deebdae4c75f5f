// Addresses within the page: #/room/tea/thread/12. They can be linked to, and the browser's back goes through them.

import { Source } from './dom.js';

const PAGES = ['profile', 'browse', 'search', 'bookmarks', 'threads', 'scheduled', 'admin'];

/**
 * Where one is.
 * @typedef {{page: string, section?: string, room?: string, at?: number, pane?: string, arg?: string, q?: string}} Place
 */

/** @returns {Place} */
export function parse(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, room, pane, arg] = path.split('/').map(decode);
  const q = new URLSearchParams(query).get('q') ?? undefined;
  if (PAGES.includes(page)) return { page, section: room, q };
  if (page !== 'room' || !room) return { page: 'home' };
  if (pane === 'at') return { page: 'room', room, at: Number(arg) || undefined };
  return { page: 'room', room, pane: pane || undefined, arg, q };
}

function decode(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

/** The address of a room, or of something in it. */
export function to(room, pane, arg) {
  return ['#/room', room, pane, arg].filter((part) => part != null).map((part, n) => (n ? encodeURIComponent(part) : part)).join('/');
}

class Router extends Source {
  /** @type {Place} */
  place = parse(location.hash);

  constructor() {
    super();
    addEventListener('hashchange', () => this.look());
  }

  look() {
    this.before = this.place;
    this.place = parse(location.hash);
    this.emit('place', this.place);
  }

  go(hash) {
    if (hash !== location.hash) { location.hash = hash; return; }
    // One is there: the focus goes there too.
    this.before = undefined;
    this.emit('place', this.place);
  }

  /** Instead of where one is: the browser's back passes it by. */
  replace(hash) {
    if (hash === location.hash) return;
    history.replaceState(history.state, '', hash);
    this.look();
  }
}

export const router = new Router();
export const go = (hash) => router.go(hash);
