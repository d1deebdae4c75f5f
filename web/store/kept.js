// What this browser keeps of small choices; nothing, where it allows no storage.

const kept = new Map();

/** @returns {string|null} */
export function recall(key) {
  try {
    return localStorage.getItem(`chat.${key}`);
  } catch {
    return kept.get(key) ?? null;
  }
}

/** @param {string} key @param {string|null} value null forgets it */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(`chat.${key}`); else localStorage.setItem(`chat.${key}`, value);
  } catch {
    if (value === null) kept.delete(key); else kept.set(key, value);
  }
}
