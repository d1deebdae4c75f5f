// Light, dark, or as the system is.

export const themes = ['system', 'light', 'dark'];
export const theme = () => localStorage.getItem('chat.theme') ?? 'system';

export function applyTheme(chosen) {
  if (chosen) localStorage.setItem('chat.theme', chosen);
  const now = theme();
  if (now === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = now;
}
