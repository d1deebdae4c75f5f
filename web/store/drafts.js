// What was begun to be written, kept for each room.

import { app } from '../ctx.js';

const key = (room) => `chat.draft.${app.me.id}.${room}`;

export const draft = (room) => localStorage.getItem(key(room)) ?? '';

export function keepDraft(room, text) {
  try {
    if (text.trim()) localStorage.setItem(key(room), text); else localStorage.removeItem(key(room));
  } catch { /* Full: it is in the page as long as that is open. */ }
}
