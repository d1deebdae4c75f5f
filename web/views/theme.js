// Light, dark, or as the system is.

import { keep, recall } from '../store/kept.js';

export const themes = ['system', 'light', 'dark'];
export const theme = () => recall('theme') ?? 'system';

export function applyTheme(chosen) {
  if (chosen) keep('theme', chosen);
  const now = theme();
  if (now === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = now;
}
