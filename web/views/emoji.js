// A small choice of emoji.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { show } from './menu.js';

export const QUICK = ['👍', '❤️', '😂', '🎉', '😮', '😢'];
const ALL = '😀 😄 😁 😅 😂 🤣 😊 😇 🙂 😉 😍 😘 😋 😜 🤪 🤔 🤨 😐 😏 🙄 😬 😴 🤒 🥳 😎 🤓 😮 😳 🥺 😢 😭 😱 😤 😡 👍 👎 👌 ✌️ 🤞 👏 🙌 🙏 💪 👋 🤝 👀 🧠 ❤️ 🧡 💛 💚 💙 💜 🖤 💔 🔥 ✨ ⭐ 🎉 🎈 🎁 🏆 ✅ ❌ ❓ ❗ 💯 ⏰ 📌 📎 💡 🔒 🚀 🐛 🍵 ☕ 🍰 🍕 🍺 🌈 ☀️ 🌧️ ❄️ 🌱 🐱 🐶 🦊 🎵'.split(' ');

/** @param {HTMLElement} anchor @param {(emoji: string) => void} chosen */
export function pickEmoji(anchor, chosen) {
  const one = (emoji) => h('button', { type: 'button', role: 'menuitem', tabindex: -1, onclick: () => { close(); chosen(emoji); } }, emoji);
  const el = h('div', { class: 'menu emoji', role: 'menu', 'aria-label': t('emoji') }, ALL.map(one));
  const close = show(anchor, el, { columns: 9 });
}
