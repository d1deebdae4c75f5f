// The way into the operator's corner.

import { fill, h } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { note, spinner } from '../views/form.js';

/** @param {{section?: string, q?: string}} place */
export function adminPage({ section, q }) {
  const el = h('div', { class: 'page broad' }, spinner());
  const stop = new AbortController();
  let view = null;
  const load = (again = '') => import(`../admin/page.js${again}`).then(({ admin }) => {
    if (stop.signal.aborted) return;
    view = admin(section, q);
    fill(el, view.el);
  }, () => {
    if (app.client.state === 'online') fill(el, note(t('banner.new'), h('button', { type: 'button', class: 'button', onclick: () => location.reload() }, t('banner.reload'))));
    else fill(el, note(t('error.offline')));
  });
  // What could not be fetched is, once the server is there again; under another name, since browsers remember that it was not.
  app.client.addEventListener('state', () => { if (app.client.state === 'online' && !view) load('?again'); }, { signal: stop.signal });
  load();
  return { title: t('admin'), el, destroy() { stop.abort(); view?.destroy?.(); } };
}
