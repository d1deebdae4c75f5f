// What waits of reports in all rooms, the oldest first.

import { h } from '../dom.js';
import { app } from '../ctx.js';
import { t } from '../i18n.js';
import { inFull } from '../store/people.js';
import { attempt, dialog, field, form, paged } from '../views/form.js';
import { reportCard } from '../views/reports.js';
import { act, ask } from './ask.js';
import { linkTo, nameFor } from './rooms.js';

export function reports() {
  const body = h('div');
  const load = () => paged(body, (cursor) => ask('reports', { limit: 50, cursor }), row, t('reports.none'));
  const settle = ({ room, target }, verdict, note) => act('PUT', `rooms/${encodeURIComponent(room)}/reports/${target}`, { verdict, ...(note && { note }) });

  /** What waits then, also where somebody else was quicker. The focus goes on to the next. */
  async function anew() {
    await load();
    (body.querySelector('button') ?? document.querySelector('main h1'))?.focus();
  }

  function row({ report, message, room }) {
    const dismiss = h('button', { class: 'button quiet', type: 'button', onclick: async () => {
      dismiss.disabled = true;
      await attempt(() => settle(report, 'dismissed'));
      anew();
    } }, t('report.dismiss'));
    return reportCard(report, message, { href: linkTo(room, 'at', report.target), where: nameFor(room) }, dismiss,
      h('button', { class: 'button', type: 'button', 'aria-haspopup': 'dialog', onclick: () => uphold(report, message.sender, room) }, t('report.uphold')));
  }

  /** Moderators see the note. What the one who wrote it has to fear beyond the room is decided in one step with it. */
  function uphold(report, sender, room) {
    let settled = false;
    const el = dialog({
      title: t('report.uphold'),
      body: form({
        fields: [
          field({ name: 'note', label: t('report.note'), hint: room.kind !== 'direct' && t('report.note.hint'), maxlength: 500, autocomplete: 'off' }),
          sender.id !== app.me.id && field({ name: 'disable', label: t('report.disable', { name: inFull(sender) }), type: 'check', value: false }),
        ],
        submit: t('report.uphold'), cancel: () => el.close(),
        run: async ({ note, disable }) => {
          if (!settled) await settle(report, 'upheld', note.trim());
          settled = true;
          if (disable) await act('PUT', `users/${encodeURIComponent(sender.id)}/disabled`);
          el.close();
          app.toast(t('saved'));
        },
      }),
      onclose: anew,
    });
  }

  load();
  return { el: [h('p', { class: 'muted lead' }, t('admin.reports.text')), body] };
}
