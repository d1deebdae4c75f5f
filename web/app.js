// The beginning: who is logged in, and then the page.

import { Client } from './client.js';
import { Outbox } from './outbox.js';
import { app } from './ctx.js';
import { fill, throttle } from './dom.js';
import { t } from './i18n.js';
import { router } from './router.js';
import { Bookmarks } from './store/bookmarks.js';
import { Inbox } from './store/inbox.js';
import { keep, recall } from './store/kept.js';
import { People } from './store/people.js';
import { Rooms } from './store/rooms.js';
import { showLogin } from './views/login.js';
import { startNotifying } from './views/notify.js';
import { startShortcuts } from './views/shortcuts.js';
import { Shell } from './views/shell.js';
import { applyTheme } from './views/theme.js';

applyTheme();
const root = document.getElementById('app');
app.client = new Client();
app.client.addEventListener('ended', () => over('ended'));

function over(why) {
  // A page that begins anew keeps nothing of the one who was here.
  if (why) keep('notice', why);
  history.replaceState(null, '', location.pathname + location.hash);
  location.reload();
}

/** Whether the menu has administration. What one may do is asked of the server with each act. */
app.learn = () => app.client.request('GET', '/users/me').then(({ admin }) => { app.admin = Boolean(admin); }, () => {});

app.logOut = async () => {
  await app.client.logOut();
  over('');
};

if (app.client.user) start();
else {
  const notice = recall('notice');
  keep('notice', null);
  showLogin(root, start, notice && t('login.ended'));
}

function start() {
  keep('before', '1');
  app.me = app.client.user;
  app.people = new People();
  app.people.meet(app.me, '~');
  app.outbox = new Outbox(app.client);
  app.inbox = new Inbox();
  app.rooms = new Rooms();
  app.bookmarks = new Bookmarks();
  fill(root);
  startNotifying(document.body);
  const shell = new Shell(root);
  startShortcuts(shell);
  app.client.addEventListener('state', () => {
    if (app.client.state !== 'online') return;
    app.learn();
    if (!app.inbox.loaded) load();
    else app.people.forget();
  });
  app.client.connect();
  app.people.loadBlocks();
  app.bookmarks.load().catch(() => {});
  // Who only reads is there, too.
  const here = throttle(60_000, () => { if (app.client.state === 'online') app.client.call('presence.set').catch(() => {}); });
  for (const type of ['pointerdown', 'keydown', 'wheel']) addEventListener(type, here, { passive: true });

  async function load() {
    try {
      await app.inbox.load();
      const { place } = router;
      const [first] = app.inbox.sorted();
      // On a wide screen an empty conversation is a waste.
      if (place.page === 'home' && first && matchMedia('(min-width: 720px)').matches) router.replace(`#/room/${first.room.id}`);
    } catch {
      setTimeout(() => { if (!app.inbox.loaded && app.client.state === 'online') load(); }, 3000);
    }
  }
}
