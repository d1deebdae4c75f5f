// The calls of docs/operator.md.

import { app } from '../ctx.js';

/** Asks for something, a page of it where `cursor` is given or `limit` is. */
export const ask = (path, { cursor, ...query } = {}) => app.client.request('GET', `/admin/${path}`, undefined, { query: { ...query, ...(cursor && { cursor }) } });

/** Does something. */
export const act = (method, path, body) => app.client.request(method, `/admin/${path}`, body);
