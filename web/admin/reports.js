// What waits of reports in all rooms, the oldest first.

import { h } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { attempt, dialog, field, form, paged } from '../views/form.js';
import { reportCard } from '../views/reports.js';
import { act, ask } from './ask.js';
import { linkTo, nameFor } from './rooms.js';

export function reports() {
  const body = h('div');
  const load = () => paged(body, (cursor) => ask('reports', { limit: 50, cursor }), row, t('reports.none'));
  const settle = async ({ room, target }, verdict, note) => {
    await act('PUT', `rooms/${encodeURIComponent(room)}/reports/${target}`, { verdict, ...(note && { note }) });
    load();
  };

  function row({ report, message, room }) {
    return reportCard(report, message, { href: linkTo(room, 'at', report.target), where: nameFor(room) },
      h('button', { class: 'button quiet', type: 'button', onclick: () => attempt(() => settle(report, 'dismissed')) }, t('report.dismiss')),
      h('button', { class: 'button', type: 'button', 'aria-haspopup': 'dialog', onclick: () => uphold(report, message.sender) }, t('report.uphold')));
  }

  /** Moderators see the note. What the one who wrote it has to fear beyond the room is decided in one step with it. */
  function uphold(report, sender) {
    const el = dialog({
      title: t('report.uphold'),
      body: form({
        fields: [
          field({ name: 'note', label: t('report.note'), hint: t('report.note.hint'), maxlength: 500, autocomplete: 'off' }),
          sender.id !== app.me.id && field({ name: 'disable', label: t('report.disable', { name: app.people.name(sender) }), type: 'check', value: false }),
        ],
        submit: t('report.uphold'), cancel: () => el.close(),
        run: async ({ note, disable }) => {
          if (disable) await act('PUT', `users/${encodeURIComponent(sender.id)}/disabled`);
          await settle(report, 'upheld', note.trim());
          el.close();
          app.toast(t('saved'));
        },
      }),
    });
  }

  load();
  return { el: [h('p', { class: 'muted lead' }, t('admin.reports.text')), body] };
}
