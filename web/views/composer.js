// Where one writes.

import { fill, h, icon, iconButton, throttle } from '../dom.js';
import { app } from '../ctx.js';
import { errorText, size, t } from '../i18n.js';
import { plain } from '../markup.js';
import { draft, keepDraft } from '../store/drafts.js';
import { Upload } from '../store/uploads.js';
import { mayEdit } from './actions.js';
import { Completion } from './complete.js';
import { attempt } from './form.js';
import { pickEmoji } from './emoji.js';
import { pickTime } from './later.js';
import { roomName } from '../store/rooms.js';

export class Composer {
  /** What is edited or answered. */
  editing = null;
  replying = null;
  /** @type {Upload[]} */
  uploads = [];

  /**
   * @param {import('../store/room.js').RoomStore} store
   * @param {{thread?: number, sent?: () => void}} options a thread's root: everything sent is an answer to it
   */
  constructor(store, { thread, sent } = {}) {
    this.store = store;
    this.thread = thread;
    this.sent = sent;
    this.key = thread ? `${store.id}/${thread}` : store.id;
    this.area = h('textarea', {
      rows: 1, dir: 'auto', maxlength: 16384, enterkeyhint: 'send', autocapitalize: 'sentences',
      oninput: () => this.changed(), onkeydown: (event) => this.press(event), onpaste: (event) => this.paste(event),
    });
    this.completion = new Completion(this.area, store);
    this.pick = h('input', { type: 'file', multiple: true, hidden: true, tabindex: -1, 'aria-hidden': 'true', onchange: () => { this.attach(this.pick.files); this.pick.value = ''; } });
    this.context = h('div', { class: 'composer-context' });
    this.chips = h('div', { class: 'chips' });
    this.button = iconButton('send', t('send'), () => this.send(), { class: 'send' });
    this.later = iconButton('clock', t('later'), (event) => pickTime(event.currentTarget, (at) => this.sendLater(at)), { 'aria-haspopup': 'menu', hidden: true });
    this.clip = iconButton('clip', t('attach'), () => this.pick.click());
    this.smile = iconButton('smile', t('emoji'), (event) => pickEmoji(event.currentTarget, (emoji) => this.insert(emoji)), { 'aria-haspopup': 'menu' });
    this.box = h('div', { class: 'composer-box' }, this.context, this.chips, h('div', { class: 'composer-line' }, this.clip, this.area, this.smile, this.later, this.button), this.completion.el, this.pick);
    this.el = h('div', { class: 'composer' }, this.box);
    this.area.value = draft(this.key);
    this.tell = throttle(3000, () => { if (app.client.state === 'online') app.client.call('typing.start', { room: store.id }).catch(() => {}); });
    this.name();
    this.update();
  }

  name() {
    const { room } = this.store;
    const text = this.thread ? t('composer.thread') : room ? t('composer.to', { name: roomName(room) }) : t('composer');
    this.area.placeholder = text;
    this.area.setAttribute('aria-label', text);
  }

  focus() { this.area.focus(); }

  changed() {
    if (!this.editing) keepDraft(this.key, this.area.value);
    if (this.area.value.trim() && !this.editing) this.tell();
    this.update();
  }

  update() {
    const { area } = this;
    // Growing by hand, where the browser does not by itself.
    if (!globalThis.CSS?.supports?.('field-sizing', 'content')) {
      area.style.height = 'auto';
      area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`;
    }
    const waits = this.uploads.some((one) => one.state === 'sending');
    const empty = !area.value.trim() && !this.uploads.some((one) => one.state === 'done');
    this.button.disabled = empty || waits;
    // Files cannot wait with it.
    this.later.hidden = !area.value.trim() || Boolean(this.editing) || this.uploads.length > 0;
    this.button.title = waits ? t('attach.wait') : t('send');
  }

  insert(text) {
    const { area } = this;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.focus();
    area.dispatchEvent(new Event('input'));
  }

  press(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === 'Escape' && (this.editing || this.replying)) {
      event.preventDefault();
      event.stopPropagation();
      this.cancel();
    } else if (event.key === 'ArrowUp' && !this.area.value && !this.editing) {
      const own = this.store.range.findLast((offset) => mayEdit(this.store, this.store.known.get(offset)));
      if (own && !this.thread) { event.preventDefault(); this.edit(this.store.known.get(own)); }
    } else if ((event.ctrlKey || event.metaKey) && 'bie'.includes(event.key) && !event.altKey) {
      event.preventDefault();
      this.wrap({ b: '**', i: '*', e: '`' }[event.key]);
    }
  }

  wrap(mark) {
    const { area } = this;
    const { selectionStart: start, selectionEnd: end } = area;
    area.setRangeText(mark + area.value.slice(start, end) + mark, start, end, 'preserve');
    area.setSelectionRange(start + mark.length, end + mark.length);
    area.dispatchEvent(new Event('input'));
  }

  paste(event) {
    const files = [...event.clipboardData.files];
    if (!files.length || this.editing) return;
    event.preventDefault();
    this.attach(files);
  }

  attach(files) {
    for (const file of files) {
      if (this.uploads.length >= 10) { app.toast(t('attach.many'), true); break; }
      const upload = new Upload(file);
      this.uploads.push(upload);
      upload.on('change', () => this.drawChips());
      upload.on('progress', () => upload.bar?.style.setProperty('--part', upload.part));
    }
    this.drawChips();
    this.focus();
  }

  drawChips() {
    fill(this.chips, this.uploads.map((upload) => {
      upload.bar = h('span', { class: 'progress', role: 'progressbar', 'aria-label': upload.file.name, 'aria-valuenow': Math.round(upload.part * 100), style: { '--part': upload.part } });
      const failed = upload.state === 'failed';
      return h('div', { class: `chip ${failed ? 'failed' : ''}` },
        upload.preview ? h('img', { src: upload.preview, alt: '' }) : h('span', { class: 'file-kind' }, icon('file', 20)),
        h('span', { class: 'file-text' }, h('span', { class: 'file-name', dir: 'auto' }, upload.file.name), h('span', { class: 'muted', role: failed ? 'alert' : null }, failed ? errorText(upload.error) : size(upload.file.size)), upload.state === 'sending' && upload.bar),
        failed && upload.error.temporary && iconButton('retry', t('retry'), () => upload.run()),
        iconButton('close', t('attach.remove', { name: upload.file.name }), () => { upload.drop(); this.uploads = this.uploads.filter((one) => one !== upload); this.drawChips(); }));
    }));
    this.update();
  }

  reply(message) {
    this.cancel();
    this.replying = message;
    this.drawContext();
    this.focus();
  }

  edit(message) {
    if (this.editing) this.cancel();
    this.editing = message;
    this.replying = null;
    this.area.value = message.text;
    this.drawContext();
    this.update();
    this.focus();
    this.area.setSelectionRange(message.text.length, message.text.length);
  }

  cancel() {
    if (this.editing) this.area.value = draft(this.key);
    this.editing = null;
    this.replying = null;
    this.drawContext();
    this.update();
  }

  drawContext() {
    const about = this.editing ?? this.replying;
    this.el.classList.toggle('editing', Boolean(this.editing));
    this.clip.hidden = Boolean(this.editing);
    fill(this.context, about && [icon(this.editing ? 'edit' : 'reply', 16),
      h('span', { class: 'context-text' }, h('b', { dir: 'auto' }, this.editing ? t('edit.this') : t('reply.to', { name: app.people.name(about.sender) })), h('span', { class: 'muted', dir: 'auto' }, plain(about.text) || t('message.file'))),
      iconButton('close', t('cancel'), () => { this.cancel(); this.focus(); })]);
  }

  /** What was discarded is there to be mended, unless something else is. */
  restore(text) {
    if (this.area.value.trim() || this.editing) return;
    this.area.value = text;
    this.changed();
    this.focus();
  }

  async send() {
    const text = this.area.value.trim();
    const { store } = this;
    if (this.button.disabled) return;
    if (this.editing) {
      const message = this.editing;
      if (text === message.text) { this.cancel(); return; }
      this.button.disabled = true;
      const done = await attempt(async () => {
        await app.client.call('message.edit', { room: store.id, offset: message.offset, text });
        this.cancel();
      });
      if (!done) this.update();
      return;
    }
    const attachments = this.uploads.filter((one) => one.state === 'done').map((one) => one.id);
    app.outbox.add(store.id, { text, ...this.answered, ...(attachments.length && { attachments }) });
    this.uploads = this.uploads.filter((one) => one.state === 'failed');
    this.empty();
    this.sent?.();
  }

  async sendLater(at) {
    await app.client.call('scheduled.add', { room: this.store.id, text: this.area.value.trim(), send_at: at.toISOString(), ...this.answered });
    this.empty();
    this.focus();
  }

  get answered() {
    const reply_to = this.replying?.offset ?? this.thread;
    return reply_to ? { reply_to } : {};
  }

  empty() {
    this.area.value = '';
    keepDraft(this.key, '');
    this.cancel();
    this.drawChips();
    if (app.client.state === 'online') app.client.call('typing.stop', { room: this.store.id }).catch(() => {});
  }

  destroy() {
    for (const upload of this.uploads) upload.drop();
  }
}
