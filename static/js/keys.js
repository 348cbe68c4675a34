// One key, one control: what carries data-key is pressed, or gets the cursor when one types into it.
// data-key-to names where the cursor goes instead; then Ctrl+Enter presses that control.
(() => {
  if (document.body.dataset.keys === "off") return;
  const FIELDS = "input, textarea, select";
  const typing = (at) => at.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const usable = (control) => control.nodeName === "DIALOG" || (control.checkVisibility() && !control.matches(":disabled"));
  const controls = (key) => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(usable);

  function rows() { return [...document.querySelectorAll(".row, .line[href]")]; }

  function row() {
    const all = rows(), near = document.activeElement.closest("li")?.querySelector(".row, .line[href]");
    return all.find((one) => one === near) ?? all.find((one) => one.ariaCurrent);
  }

  function move(step) {
    const all = rows();
    all[Math.min(all.length - 1, Math.max(0, all.indexOf(row()) + step))]?.focus();
  }

  function press(control) {
    const place = document.getElementById(control.dataset.keyTo ?? "");
    if (place) {
      for (const other of document.querySelectorAll("[data-submits]")) delete other.dataset.submits;
      control.dataset.submits = "";
    }
    if (control.nodeName === "DIALOG") control.showModal();
    else if (place || control.matches(FIELDS)) (place ?? control).focus();
    else control.click();
  }

  const moves = {
    j: () => move(1),
    k: () => move(-1),
    o: () => row()?.click(),
    x: () => row()?.closest("li")?.querySelector("input[type=checkbox]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const [control] = controls(event.key);
    if (control) press(control);
    else if (rows().length && Object.hasOwn(moves, event.key)) moves[event.key]();
    else return;
    event.preventDefault();
  });
})();
