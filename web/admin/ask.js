// The calls of docs/operator.md.

import { app } from '../ctx.js';

/** Asks for something. Who may not any more is not offered it again. */
export async function ask(path, { cursor, ...query } = {}) {
  try {
    return await app.client.request('GET', `/admin/${path}`, undefined, { query: { ...query, ...(cursor && { cursor }) } });
  } catch (error) {
    if (error.status === 403) app.admin = false;
    throw error;
  }
}

/** Does something. */
export const act = (method, path, body) => app.client.request(method, `/admin/${path}`, body);
