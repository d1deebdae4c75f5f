// What a room's log tells besides messages: who came and went, and what was changed.

import { app } from '../ctx.js';

/** How much of the log is looked through for it when a room is opened, in one request. */
const PART = 200;
const MOST = 1000;

/** What an event is, for those who read on; nothing for many. */
function kind({ type, offset, actor, member, ban, user, target, room }, before) {
  const about = member?.user ?? ban?.user ?? user;
  const self = about?.id === actor.id;
  switch (type) {
    case 'member.joined': return { what: offset === 1 ? 'created' : self ? 'joined' : 'added', user: about };
    case 'member.left': return { what: self ? 'left' : 'removed', user: about };
    case 'member.banned': return { what: 'banned', user: about };
    case 'member.unbanned': return { what: 'unbanned', user: about };
    case 'message.pinned': return { what: 'pinned', target };
    case 'room.changed':
      if (before && before.name !== room.name) return { what: 'renamed', text: room.name };
      if (before && before.topic !== room.topic) return { what: room.topic ? 'topic' : 'changed', text: room.topic };
      return { what: 'changed' };
    default: return null;
  }
}

export class Told {
  /** By the place in the log. @type {{offset: number, created_at: string, actor: any, what: string, user?: any, text?: string, target?: number}[]} */
  list = [];

  /** Takes an event in; the same one again changes nothing. @returns {boolean} whether it is something to show */
  take(event, before) {
    const told = kind(event, before);
    const { list } = this;
    if (!told || list.some(({ offset }) => offset === event.offset)) return false;
    const { offset, at, actor } = event;
    // Who is banned was removed, which nobody needs to be told twice.
    if (told.what === 'banned') this.list = list.filter((one) => !(one.what === 'removed' && one.user.id === told.user.id && offset - one.offset < 3));
    this.list.push({ ...told, offset, created_at: at, actor });
    this.list.sort((a, b) => a.offset - b.offset);
    if (this.list.length > MOST) this.list.splice(0, MOST / 2);
    return true;
  }

  /** What the last part of the log tells that is shown. */
  async load({ id, room, range, atStart, atEnd }) {
    const first = Math.max(room.first ?? 1, atStart ? 1 : range[0]);
    const from = atEnd ? Math.max(first, room.offset - PART + 1) : first;
    // Where every place in the log is a message, there is nothing else.
    if (!(room.offset >= from) || range.filter((offset) => offset >= from).length > room.offset - from) return;
    const { items } = await app.client.call('event.list', { room: id, after: from - 1, limit: PART });
    let before = null;
    for (const event of items) {
      this.take(event, before);
      if (event.type === 'room.changed') before = event.room;
    }
  }
}
