// Controls say their key in the tooltip, as the help does; the help opens in the page.
(() => {
  const keys = document.getElementById("keys"), told = new Map();
  for (const entry of keys.querySelectorAll("[data-help]")) told.set(entry.dataset.help, entry.querySelector("dd").textContent);

  function hint() {
    if (document.body.dataset.keys === "off") return;
    for (const control of document.querySelectorAll("[data-key]:not([aria-keyshortcuts], dialog)")) {
      const key = control.dataset.key;
      if (!told.has(key)) continue;
      control.ariaKeyShortcuts = key;
      control.setAttribute("aria-keyshortcuts", key);
      control.title ||= `${told.get(key)} (${key})`;
    }
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-opens=keys]");
    if (!opener || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    opener.closest("[popover]")?.hidePopover();
    keys.showModal();
  });
  document.addEventListener("htmx:afterSettle", hint);
  hint();
})();
