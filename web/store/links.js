// Links to files: good for some minutes, asked for when they are needed.

import { app } from '../ctx.js';

const links = new Map();

/** The address of a file, or of its small picture. */
export async function linkTo(message, file, variant) {
  const key = `${message.room}/${message.offset}/${file.id}/${variant ?? ''}`;
  const had = links.get(key);
  if (had && (await had.catch(() => null))?.until > Date.now()) return (await had).url;
  const params = { room: message.room, offset: message.offset, attachment: file.id, ...(variant && { variant }) };
  const asked = app.client.call('attachment.link', params).then(({ url, expires_at }) => ({ url, until: new Date(expires_at) - 20_000 }));
  links.set(key, asked);
  asked.catch(() => links.delete(key));
  if (links.size > 500) links.delete(links.keys().next().value);
  return (await asked).url;
}
