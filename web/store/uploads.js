// Files on their way to the server, by the protocol tus: after a cut they go on where they were.

import { Source } from '../dom.js';
import { app } from '../ctx.js';
import { ChatError } from '../client.js';

/** What was uploaded from here, to be shown before the message is there. @type {Map<string, {name: string, type: string, size: number, url?: string}>} */
export const uploaded = new Map();

export class Upload extends Source {
  /** 'sending' | 'done' | 'failed' */
  state = 'sending';
  sent = 0;
  id = null;
  error = null;

  /** @param {File} file */
  constructor(file) {
    super();
    this.file = file;
    this.preview = file.type.startsWith('image/') && file.type !== 'image/svg+xml' ? URL.createObjectURL(file) : null;
    this.run();
  }

  get part() { return this.file.size ? this.sent / this.file.size : 1; }

  async run() {
    this.state = 'sending';
    this.emit('change');
    for (let failures = 0; !this.stopped;) {
      try {
        if (!this.id) await this.create();
        while (this.sent < this.file.size && !this.stopped) await this.send();
        this.state = 'done';
        uploaded.set(this.id, { name: this.file.name, type: this.file.type, size: this.file.size, url: this.preview });
        break;
      } catch (error) {
        if (this.stopped) return;
        failures += 1;
        if (!error.temporary && error.code !== 'wrong_offset' || failures > 8) {
          this.state = 'failed';
          this.error = error;
          break;
        }
        await new Promise((go) => { setTimeout(go, Math.min(15_000, 500 * 2 ** failures)); });
        await this.look().catch(() => {});
      }
    }
    this.emit('change');
  }

  async create() {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.file.name || 'file')));
    const answer = await this.request('POST', '/api/v1/uploads', { 'Upload-Length': String(this.file.size), 'Upload-Metadata': `filename ${name}` });
    this.id = new URL(answer.getResponseHeader('location'), location.href).pathname.split('/').pop();
  }

  /** Where it stands. */
  async look() {
    if (!this.id) return;
    const answer = await this.request('HEAD', `/api/v1/uploads/${this.id}`);
    this.sent = Number(answer.getResponseHeader('upload-offset'));
  }

  async send() {
    const from = this.sent;
    const headers = { 'Upload-Offset': String(from), 'Content-Type': 'application/offset+octet-stream' };
    // Pieces, so that not all of a large file begins anew where a proxy limits one request.
    const part = this.file.slice(from, from + 8_000_000);
    const answer = await this.request('PATCH', `/api/v1/uploads/${this.id}`, headers, part, (done) => {
      this.sent = from + done;
      this.emit('progress');
    });
    this.sent = Number(answer.getResponseHeader('upload-offset') ?? from + part.size);
    this.emit('progress');
  }

  async request(method, path, headers = {}, body = null, progress) {
    const token = await app.client.token();
    return new Promise((resolve, reject) => {
      const ask = new XMLHttpRequest();
      this.asking = ask;
      ask.open(method, path);
      for (const [name, value] of Object.entries({ 'Tus-Resumable': '1.0.0', Authorization: `Bearer ${token}`, ...headers })) ask.setRequestHeader(name, value);
      if (progress) ask.upload.onprogress = (event) => progress(event.loaded);
      ask.onload = () => {
        if (ask.status < 300) { resolve(ask); return; }
        let said = {};
        try { said = JSON.parse(ask.responseText); } catch { /* A proxy's page. */ }
        reject(new ChatError(said.code ?? 'unavailable', said.detail ?? '', { status: ask.status }));
      };
      ask.onerror = ask.onabort = ask.ontimeout = () => reject(new ChatError('offline', ''));
      ask.send(body);
    });
  }

  /** Ends it, and takes back what was sent; of what was refused nothing is there. */
  drop() {
    this.stopped = true;
    this.asking?.abort();
    if (this.id && this.error?.temporary !== false) this.request('DELETE', `/api/v1/uploads/${this.id}`).catch(() => {});
  }
}
