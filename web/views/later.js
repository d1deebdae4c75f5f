// When a message is sent that is not sent now.

import { app } from '../ctx.js';
import { moment, t } from '../i18n.js';
import { go } from '../router.js';
import { attempt, dialog, field, form } from './form.js';
import { openMenu } from './menu.js';

/** A day from now, at a time of this device. */
function morning(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(9, 0, 0, 0);
  return at;
}

/** As a field for it has it: in the time of this device. */
const local = (at) => new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** @param {HTMLElement} anchor @param {(at: Date) => Promise<void>} send */
export function pickTime(anchor, send) {
  const choose = (at) => () => attempt(() => send(at), t('later.done', { when: moment(at) }));
  const monday = morning((8 - new Date().getDay()) % 7 || 7);
  openMenu(anchor, [
    { label: t('later.hour'), icon: 'clock', run: () => choose(new Date(Date.now() + 3_600_000))() },
    { label: t('later.tomorrow'), icon: 'clock', run: choose(morning(1)) },
    { label: t('later.monday'), icon: 'clock', run: choose(monday) },
    { label: t('later.other'), icon: 'edit', run: () => ask({ title: t('later'), at: morning(1), submit: t('later.submit'), run: ({ at }) => send(at) }) },
    null,
    { label: t('scheduled'), icon: 'info', run: () => go('#/scheduled') },
  ]);
}

/** Another time or text for what waits, or once more for what was refused. */
export function changeLater({ id, text, send_at }, done) {
  ask({
    title: t('later.change'), text, at: new Date(send_at), submit: t('save'),
    run: async ({ at, text: now }) => {
      await app.client.call('scheduled.change', { id, send_at: at.toISOString(), text: now });
      done();
    },
  });
}

function ask({ title, text, at, submit, run }) {
  const el = dialog({
    title,
    body: form({
      fields: [text != null && field({ name: 'text', label: t('later.text'), type: 'area', value: text, required: true }),
        field({ name: 'send_at', label: t('later.at'), type: 'datetime-local', value: local(at), min: local(new Date()), required: true })],
      submit, cancel: () => el.close(),
      run: async (values) => {
        const when = new Date(values.send_at);
        await run({ at: when, text: values.text });
        el.close();
        app.toast(t('later.done', { when: moment(when) }));
      },
    }),
  });
}
