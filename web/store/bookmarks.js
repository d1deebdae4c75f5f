// Which messages the user has bookmarked, as far as this page must know it.

import { Source } from '../dom.js';
import { app } from '../ctx.js';

const key = (room, offset) => `${room}/${offset}`;

export class Bookmarks extends Source {
  #marked = new Set();

  constructor() {
    super();
    app.client.addEventListener('personal', ({ detail: { type, room, offset } }) => {
      if (type === 'bookmark.added') this.#marked.add(key(room, offset));
      else if (type === 'bookmark.removed') this.#marked.delete(key(room, offset));
      else return;
      this.emit('change');
    });
  }

  /** The latest of them. */
  async load() {
    const { items } = await app.client.call('bookmark.list', { limit: 200 });
    this.#marked = new Set(items.map(({ message }) => key(message.room, message.offset)));
  }

  has({ room, offset }) { return this.#marked.has(key(room, offset)); }

  async set({ room, offset }, on) {
    await app.client.call(on ? 'bookmark.add' : 'bookmark.remove', { room, offset });
    if (on) this.#marked.add(key(room, offset)); else this.#marked.delete(key(room, offset));
    this.emit('change');
  }
}
