import { recall, remember } from "../../lib/storage.ts";

export type Theme = "system" | "light" | "dark";

/** The same name is written in public/theme.js, which runs before the first paint. */
const name = "gochat.theme";

export function currentTheme(): Theme {
  const theme = recall(name);
  return theme === "light" || theme === "dark" ? theme : "system";
}

export function chooseTheme(theme: Theme): void {
  remember(name, theme === "system" ? null : theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
