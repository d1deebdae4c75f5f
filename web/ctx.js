// What every part of the page can reach. app.js fills it at the start; nothing here is changed by views.

/**
 * @type {{
 *   client: import('./client.js').Client, outbox: import('./outbox.js').Outbox,
 *   inbox: import('./store/inbox.js').Inbox, rooms: import('./store/rooms.js').Rooms, people: import('./store/people.js').People,
 *   bookmarks: import('./store/bookmarks.js').Bookmarks,
 *   me: {id: string, username: string, display_name: string},
 *   admin: boolean, learn: () => Promise<void>,
 *   toast: (text: string, bad?: boolean) => void,
 *   announce: (text: string) => void,
 * }}
 */
export const app = {};
