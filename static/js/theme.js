/* Sets the theme a person chose before the first paint; without a choice the system decides. */
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* storage is switched off */ }
