// What those have done who may do more than others.

import { h } from '../dom.js';
import { app } from '../ctx.js';
import { moment, t } from '../i18n.js';
import { dialog, paged } from './form.js';

/** An act: whose, when, and in words what. */
export function actRow(who, at, text) {
  return h('div', { class: 'card act', role: 'listitem' }, h('div', { class: 'body' },
    h('div', { class: 'head' }, h('b', { dir: 'auto' }, who), h('time', { datetime: at }, moment(at))), h('p', { dir: 'auto' }, text)));
}

/** A room's audit log in a dialog. @param {(page: {limit: number, cursor?: string}) => Promise<{items: any[], next: string|null}>} load */
export function showAudit(load) {
  const body = h('div');
  dialog({ title: t('audit'), body, name: 'wide' });
  paged(body, (cursor) => load({ limit: 50, ...(cursor && { cursor }) }), (event) => {
    const about = event.member?.user ?? event.ban?.user ?? event.user ?? event.message?.sender;
    return actRow(app.people.known.get(event.actor.id)?.display_name ?? event.actor.username, event.at, t(`audit.${event.type}`, { name: about ? app.people.name(about) : '' }));
  }, t('audit.none'));
}
