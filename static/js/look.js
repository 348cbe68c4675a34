// Pieces of the page are fetched anew when they may have changed: together, soon, and while nobody sees
// the page only now and then. "live:look" says which kinds.
(() => {
  const all = ["inbox", "execution", "executions", "looking"], changed = new Set();
  let timer, leaving = false;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (leaving) return;
    for (const kind of changed) htmx.trigger(document.body, kind + "-changed");
    changed.clear();
  }

  function look(kinds) {
    kinds.forEach((kind) => changed.add(kind));
    if (changed.size) timer ??= setTimeout(flush, document.hidden ? 5000 + Math.random() * 5000 : Math.random() * 120);
  }

  document.addEventListener("live:look", (event) => look(event.detail ?? all));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(all); flush(); } });
  setInterval(() => { if (document.documentElement.dataset.live === "off") look(all); }, 20000 + Math.random() * 5000);
  addEventListener("beforeunload", () => {     // the next page asks for itself; a download leaves us here
    leaving = true;
    setTimeout(() => { leaving = false; look(all); }, 5000);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) { leaving = false; look(all); } });
})();
