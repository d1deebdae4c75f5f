// The frame of the page: rooms, conversation, side pane; and who is shown where.

import { fill, h, icon, iconButton } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { router, to } from '../router.js';
import { roomName } from '../store/rooms.js';
import { RoomList } from './roomlist.js';
import { Conversation } from './conversation.js';
import { adminPage } from '../panes/admin.js';
import { panes } from '../panes/all.js';
import { profilePage } from '../panes/profile.js';
import { browsePage } from '../panes/browse.js';
import { bookmarksPage, scheduledPage, threadsPage } from '../panes/mine.js';
import { searchPane } from '../panes/search.js';
import { closeMenu } from './menu.js';
import { setTitle } from './notify.js';

export class Shell {
  conversation = null;
  pane = null;

  constructor(root) {
    this.main = h('main', { class: 'main', id: 'main' });
    this.side = h('div', { class: 'side', role: 'complementary', 'aria-label': t('side') });
    this.banner = h('div', { class: 'banner', role: 'status' });
    this.list = new RoomList();
    this.el = h('div', { class: 'app' }, this.list.el, h('div', { class: 'middle' }, this.banner, this.main), this.side);
    fill(root, this.el);
    router.on('place', (place) => this.show(place));
    this.narrow = matchMedia('(max-width: 719px)');
    this.middling = matchMedia('(max-width: 1099px)');
    for (const width of [this.narrow, this.middling]) width.addEventListener('change', () => this.landmarks());
    app.inbox.on('gone', (id) => { app.rooms.drop(id); if (router.place.room === id) router.replace('#/'); });
    app.inbox.on('removed', (room) => app.toast(t('room.removed', { name: roomName(room) })));
    app.inbox.on('deleted', (room) => app.toast(t('room.deleted', { name: roomName(room) })));
    app.client.addEventListener('state', () => this.connection());
    this.show(router.place);
    setTimeout(() => this.connection(), 1500);
  }

  show(place) {
    closeMenu();
    this.view?.destroy?.();
    this.view = null;
    this.el.dataset.view = place.page === 'home' ? 'list' : place.pane ? 'side' : 'main';
    this.landmarks();
    this.list.select(place);
    if (place.page === 'room') this.showRoom(place);
    else {
      this.conversation?.destroy();
      this.conversation = null;
      this.showPane(null, place);
      const page = { profile: profilePage, browse: browsePage, bookmarks: bookmarksPage, threads: threadsPage, scheduled: scheduledPage, admin: adminPage, search: () => searchPane(null, place) }[place.page];
      const view = page?.(place);
      this.view = view;
      this.main.removeAttribute('aria-busy');
      fill(this.main, view ? this.page(view) : this.welcome());
      setTitle(view?.title ?? '');
      (view?.focus?.() ?? (view && this.main.querySelector('h1')))?.focus?.();
    }
  }

  /** Where the list of rooms or the side is all that is shown, it is the main part of the page. */
  landmarks() {
    const { view } = this.el.dataset;
    const all = (view === 'side' ? this.middling : this.narrow).matches ? view : '';
    this.list.el.setAttribute('role', all === 'list' ? 'main' : 'navigation');
    this.side.setAttribute('role', all === 'side' ? 'main' : 'complementary');
    this.side.querySelector('h2')?.setAttribute('aria-level', all === 'side' ? 1 : 2);
  }

  page({ title, el }) {
    return [h('header', { class: 'bar' },
      h('a', { class: 'icon-button to-list', href: '#/', 'aria-label': t('back') }, icon('back')), h('h1', { tabindex: -1 }, title)),
    h('div', { class: 'page-body' }, el)];
  }

  welcome() {
    return h('div', { class: 'welcome' },
      h('img', { src: new URL('../icon.svg', import.meta.url).href, alt: '', width: 72, height: 72 }),
      h('h1', null, t('welcome.title', { name: app.me.display_name })), h('p', null, t('welcome.text')),
      h('div', { class: 'form-actions' },
        h('a', { class: 'button', href: '#/browse' }, t('rooms.browse')),
        h('button', { class: 'button quiet', type: 'button', onclick: () => this.list.createRoom() }, t('rooms.create'))));
  }

  showRoom(place) {
    if (this.conversation?.store.id !== place.room) {
      this.conversation?.destroy();
      this.conversation = new Conversation(app.rooms.get(place.room));
      fill(this.main, this.conversation.el);
      this.conversation.start(place.at);
    } else if (place.at) this.conversation.jump(place.at);
    // On a wide screen what was found stays beside where it leads.
    if (!(place.at && this.paneKey?.startsWith(`${place.room}/`) && matchMedia('(min-width: 1100px)').matches)) this.showPane(this.conversation.store, place);
    this.title();
    // Focus follows where one went, but does not bring up a phone's keyboard.
    const fresh = router.before?.room !== place.room;
    if (fresh && !place.pane && !matchMedia('(pointer: coarse)').matches) this.conversation.focus();
  }

  title() {
    const { room } = this.conversation.store;
    setTitle(room ? roomName(room) : '');
  }

  showPane(store, place) {
    const key = store && place.pane ? `${place.room}/${place.pane}/${place.arg ?? ''}` : '';
    if (key === this.paneKey) return;
    const had = this.side.contains(document.activeElement);
    this.paneKey = key;
    this.pane?.destroy?.();
    this.pane = key && Object.hasOwn(panes, place.pane) ? panes[place.pane](store, place) : null;
    this.side.setAttribute('aria-label', this.pane?.title ?? t('side'));
    this.el.classList.toggle('with-side', Boolean(this.pane));
    if (!this.pane) {
      fill(this.side);
      if (had) this.conversation?.focus();
      return;
    }
    const shut = () => router.replace(to(place.room));
    const heading = h('h2', { tabindex: -1 }, this.pane.title);
    fill(this.side, h('div', { class: 'bar' },
      h('a', { class: 'icon-button to-main', href: to(place.room), 'aria-label': t('back') }, icon('back')),
      heading, iconButton('close', t('close'), shut, { class: 'shut' })), this.pane.el);
    this.landmarks();
    this.side.onkeydown = (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      shut();
      this.conversation?.focus();
    };
    (this.pane.focus?.() ?? heading).focus?.();
  }

  /** Whether the server that one came back to has another page. */
  async version() {
    const mine = /\/web\/([^/]+)\/views\//.exec(import.meta.url)?.[1];
    if (!mine) return;
    const answer = await fetch('/', { method: 'HEAD', cache: 'no-store' }).catch(() => null);
    const tag = answer?.headers.get('etag');
    if (!tag || tag.includes(mine)) return;
    fill(this.banner, h('span', null, t('banner.new')), h('button', { type: 'button', class: 'link', onclick: () => location.reload() }, t('banner.reload')));
  }

  /** Offline, and until when. */
  connection() {
    clearInterval(this.ticking);
    const { state, retryAt } = app.client;
    document.documentElement.dataset.connection = state;
    const show = () => {
      const seconds = Math.max(0, Math.ceil((app.client.retryAt - Date.now()) / 1000));
      const text = !navigator.onLine ? t('banner.offline') : state === 'offline' && !retryAt ? t('banner.refused') : state === 'connecting' ? t('banner.connecting')
        : seconds > 0 ? t('banner.retry', { n: seconds }) : t('banner.connecting');
      fill(this.banner, icon('cloud', 16), h('span', null, text),
        state === 'offline' && h('button', { type: 'button', class: 'link', onclick: () => { if (app.client.retryAt) app.client.wake(); else app.client.connect(); } }, t('banner.now')));
    };
    this.el.classList.toggle('offline', state !== 'online');
    if (state === 'online') {
      clearTimeout(this.late);
      this.late = 0;
      fill(this.banner);
      this.version();
      return;
    }
    // What lasts for less than a moment is not worth a word.
    if (!this.late) this.late = setTimeout(() => { this.said = true; this.connection(); }, 800);
    if (!this.said && !this.banner.firstChild) return;
    this.said = false;
    show();
    if (retryAt) this.ticking = setInterval(show, 1000);
  }
}
