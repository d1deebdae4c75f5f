// The way into the operator's corner.

import { fill, h } from '../dom.js';
import { t } from '../i18n.js';
import { note, spinner } from '../views/form.js';

/** @param {{section?: string}} place */
export function adminPage({ section }) {
  const el = h('div', { class: 'page broad' }, spinner());
  let view = null, left = false;
  import('../admin/page.js').then(({ admin }) => {
    if (left) return;
    view = admin(section);
    fill(el, view.el);
  }, () => fill(el, note(t('banner.new'), h('button', { type: 'button', class: 'button', onclick: () => location.reload() }, t('banner.reload')))));
  return { title: t('admin'), el, destroy() { left = true; view?.destroy?.(); } };
}
