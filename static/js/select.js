// Rows of the list are chosen one by one, from one to another with Shift, or all on the page.
(() => {
  let last;
  const boxes = () => [...document.querySelectorAll(".choose input")];
  const form = () => document.getElementById("choosing");
  const everything = () => form()?.elements.all;

  function say() {
    const chosen = boxes().filter((box) => box.checked).length, all = everything();
    const rows = document.getElementById("rows"), said = document.getElementById("chosen");
    if (!rows || !said) return;
    if (!chosen && all) all.checked = false;
    const matching = document.getElementById("matching")?.textContent || said.dataset.all;
    said.textContent = chosen ? said.dataset.said.replace("#", all?.checked ? matching : chosen) : "";
    rows.toggleAttribute("data-choosing", chosen > 0);
    if (chosen) htmx.trigger(document.body, "choosing");
  }

  function choose(list, checked) {
    for (const box of list) box.checked = checked;
    say();
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".choose input"), all = boxes();
    if (event.target.closest?.("[data-choose-page]")) return choose(all, true);
    if (!box) return;
    const from = all.indexOf(last), to = all.indexOf(box);
    if (event.shiftKey && from >= 0) choose(all.slice(Math.min(from, to), Math.max(from, to) + 1), box.checked);
    last = box;
  });
  document.addEventListener("change", (event) => { if (event.target.form === form()) say(); });
  document.addEventListener("reset", (event) => { if (event.target === form()) setTimeout(say); });
  document.addEventListener("htmx:afterSettle", say);
  addEventListener("pageshow", say);
  say();
})();
