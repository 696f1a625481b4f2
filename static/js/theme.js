// Light or dark: the system decides until somebody presses the button. Loaded before the page is drawn, so that it never flashes.
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.bsTheme ?? (system.matches ? "dark" : "light")) === "dark";

  try {
    const kept = localStorage.getItem("theme");
    if (kept === "dark" || kept === "light") root.dataset.bsTheme = kept;
  } catch {
    // Storage may be forbidden; then the system decides on every page.
  }

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-toggle]");
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
    show();
    system.addEventListener("change", show);
    button.addEventListener("click", () => {
      root.dataset.bsTheme = isDark() ? "light" : "dark";
      show();
      try {
        localStorage.setItem("theme", root.dataset.bsTheme);
      } catch {
        // The choice then holds for this page only.
      }
    });
  });
})();
