// Search in a JSON tree and copy its text. Without this script the tree can still be read and unfolded.
(() => {
  let timer;

  function search(box, typed) {
    const words = typed.trim().toLowerCase();
    let found = 0;
    for (const entry of box.querySelectorAll(".key, .string, .number, .word")) {
      const hit = words !== "" && entry.textContent.toLowerCase().includes(words);
      entry.classList.toggle("hit", hit);
      if (!hit) continue;
      for (let fold = entry.closest("details"); fold && box.contains(fold); fold = fold.parentElement.closest("details"))
        fold.open = true;
      if (++found === 1) entry.scrollIntoView({ block: "nearest" });
    }
    const said = box.querySelector(".json-found");
    said.textContent = words ? said.dataset.found.replace("#", found.toLocaleString()) : "";
  }

  async function copy(button) {
    const text = button.closest("[data-json]").querySelector("[data-json-text]").value;
    const word = button.querySelector("span"), before = button.dataset.word ??= word.textContent;
    try { await navigator.clipboard.writeText(text); word.textContent = button.dataset.done; }
    catch { word.textContent = button.dataset.failed; }   // a page without https has no clipboard
    setTimeout(() => { word.textContent = before; }, 2000);
  }

  function show() {
    for (const tools of document.querySelectorAll("[data-json] > .json-tools[hidden]")) tools.hidden = false;
  }
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-json-search]")) return;
    clearTimeout(timer);
    timer = setTimeout(search, 120, event.target.closest("[data-json]"), event.target.value);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-json-copy]");
    if (button) copy(button);
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();
