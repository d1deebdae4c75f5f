// What the pages say of themselves to which messages lead, where the server looks at them.

import { app } from '../ctx.js';

const MOST = 300;
/** By what the message says. @type {Map<string, {url: string, title: string, description: string, site_name: string}[]>} */
const found = new Map();
let off = false;

/** What is known; what is not is asked for, and the message drawn anew. */
export function previewsOf(store, message) {
  const { text, offset } = message;
  if (off || !/https?:\/\//.test(text)) return [];
  const key = `${store.id}/${offset}/${text}`;
  if (!found.has(key)) {
    found.set(key, []);
    if (found.size > MOST) found.delete(found.keys().next().value);
    app.client.call('preview.list', { room: store.id, offset }).then(({ items }) => {
      const good = items.filter(({ url }) => /^https?:/.test(url));
      if (!good.length) return;
      found.set(key, good);
      store.change(offset, {});
      store.emit('messages');
    }, (error) => {
      if (error.code === 'previews_disabled') off = true; else found.delete(key);
    });
  }
  return found.get(key) ?? [];
}
