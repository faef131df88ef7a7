// Runs before the first paint. The same name is written in src/features/account/theme.ts.
try {
  const theme = localStorage.getItem("gochat.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme it is.
}
