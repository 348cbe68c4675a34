// The theme is set before the first paint; the choice stays in this browser.
(() => {
  const page = document.documentElement;
  const chosen = () => { try { return localStorage.getItem("theme") || "system"; } catch { return "system"; } };

  function show(theme) {
    if (theme === "system") delete page.dataset.theme;
    else page.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-set-theme]"))
      button.setAttribute("aria-pressed", button.dataset.setTheme === theme);
  }

  show(chosen());
  document.addEventListener("DOMContentLoaded", () => show(chosen()));
  addEventListener("storage", () => show(chosen()));   // another tab chose
  document.addEventListener("click", (event) => {
    const theme = event.target.closest?.("[data-set-theme]")?.dataset.setTheme;
    if (!theme) return;
    try { localStorage.setItem("theme", theme); } catch { /* private mode: for this page only */ }
    show(theme);
  });
})();
