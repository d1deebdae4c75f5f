// What was begun to be written, kept for each room.

import { app } from '../ctx.js';
import { keep, recall } from './kept.js';

const key = (room) => `draft.${app.me.id}.${room}`;

export const draft = (room) => recall(key(room)) ?? '';
export const keepDraft = (room, text) => keep(key(room), text.trim() ? text : null);
