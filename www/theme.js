// Chooses theme and language before anything is drawn.
(() => {
  const query = new URLSearchParams(location.search);
  const kept = (name) => { try { return localStorage.getItem(`kobako.${name}`); } catch { return null; } };
  const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = query.get("theme") ?? kept("theme") ?? dark;
  const tag = query.get("lang") ?? kept("language") ?? navigator.language ?? "en";
  document.documentElement.lang = tag.startsWith("ja") ? "ja" : "en";
})();
