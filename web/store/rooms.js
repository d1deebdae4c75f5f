// The rooms that were looked at last, ready to be shown again at once.

import { RoomStore } from './room.js';
import { app } from '../ctx.js';

const KEPT = 8;

export class Rooms {
  /** @type {Map<string, RoomStore>} */
  stores = new Map();

  get(id) {
    let store = this.stores.get(id);
    if (store) this.stores.delete(id);
    else store = new RoomStore(id);
    this.stores.set(id, store);
    if (this.stores.size > KEPT) {
      const [oldest, old] = this.stores.entries().next().value;
      this.stores.delete(oldest);
      old.close();
    }
    return store;
  }

  drop(id) {
    this.stores.get(id)?.close();
    this.stores.delete(id);
  }
}

/** What to call a room: direct ones are called by their people. */
export function roomName(room) {
  if (room.kind !== 'direct') return room.name;
  const others = peopleOf(room);
  return others.map((user) => app.people.name(user)).join(', ') || app.people.name(app.me);
}

/** What to call the room of an id. */
export function nameOf(id) {
  const room = app.inbox.get(id)?.room;
  return room ? roomName(room) : id;
}

export const peopleOf = (room) => (room.people ?? []).filter((user) => user.id !== app.me.id);
