// Ctrl+Enter presses the button that is marked for it. The row of an answer on its way is dimmed; it is
// whole again when the answer is refused.
(() => {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  document.documentElement.dataset.enter = mac ? "⌘⏎" : "Ctrl ⏎";

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    const form = event.target.closest?.("form");
    const ours = !form || form.matches("form.answer") || event.target.closest(".actions");
    const button = ours ? document.querySelector(".actions [data-submits]") : form.querySelector("button.primary");
    if (!button || button.matches(":disabled") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    button.click();
  });

  const row = (event) => document.getElementById((event.detail.requestConfig?.elt ?? event.detail.elt).dataset?.row ?? "");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const draft = event.detail.elt.matches(".draft") && event.detail.elt;
    if (draft && (draft.closest("form").matches("[data-shut]") || draft.closest("form").querySelector(".typed:disabled"))) event.preventDefault();  // sent just now
    row(event)?.setAttribute("data-leaving", "");
  });
  document.addEventListener("htmx:afterRequest", (event) => row(event)?.removeAttribute("data-leaving"));

  function unsaved(event) {
    if (!event.detail.elt.matches?.(".draft")) return;
    event.detail.elt.textContent = event.detail.elt.dataset.unsaved;
  }
  document.addEventListener("htmx:sendError", unsaved);
  document.addEventListener("htmx:responseError", unsaved);
})();
