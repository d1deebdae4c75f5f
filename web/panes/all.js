// What can stand beside a conversation, by the word in the address.

import { detailsPane } from './details.js';
import { membersPane } from './members.js';
import { pinsPane } from './pins.js';
import { searchPane } from './search.js';
import { threadPane } from './thread.js';

export const panes = { thread: threadPane, members: membersPane, search: searchPane, pins: pinsPane, details: detailsPane };
