// The rows of a table are sent in parts, one after the other, each with what was said for all of them.
// What is lost on the way is still in the page, and can be sent again.
(() => {
  const table = () => document.getElementById("questions");
  const decided = () => table().querySelectorAll("tr[data-result]").length;

  function show(before) {
    const bar = document.getElementById("progress"), said = document.getElementById("progress-said");
    if (!bar) return;
    bar.value = decided() - before;
    said.textContent = said.dataset.said.replace("##", bar.max).replace("#", bar.value);
  }

  async function send(parts) {
    for (const [number, part] of parts.entries()) {
      const left = parts.slice(number + 1).reduce((sum, one) => sum + one.rows.length, 0);
      const values = { step: "part", batch: part.dataset.part, left };
      try {
        await htmx.ajax("POST", part.getAttribute("hx-post"), { source: part, target: part, swap: "outerHTML", values });
      } catch { return; }                      // the connection is gone: so it would be for the others
      show(send.before);
    }
  }

  async function run() {
    for (const row of table().querySelectorAll("tr[data-result]:has(select)")) delete row.dataset.result;
    send.before = decided();
    table().inert = true;
    document.body.dataset.busy = "";
    await send([...table().querySelectorAll("[data-part]")]);
    delete document.body.dataset.busy;
    table().inert = false;
    htmx.trigger(document.getElementById("deciding-form"), "together-end");
  }

  function count() {                           // how many rows are decided as all are
    const own = table() ? [...table().querySelectorAll("select")] : [];
    const following = own.filter((select) => !select.value).length;
    for (const place of document.querySelectorAll("[data-following]")) place.textContent = following.toLocaleString();
  }

  document.addEventListener("together-run", () => run());
  document.addEventListener("change", (event) => { if (event.target.closest?.("#questions")) count(); });
  addEventListener("beforeunload", (event) => { if ("busy" in document.body.dataset) event.preventDefault(); });
  addEventListener("pageshow", count);
})();
