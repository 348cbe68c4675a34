// While somebody is at the list, its rows stay where they are: the request for the new state of it names
// those that are shown, and the answer puts what is new behind a button.
(() => {
  let touched = -Infinity;
  const rows = () => document.getElementById("rows");
  const shown = () => [...rows().querySelectorAll(".rows-list > li")].map((row) => row.id.slice(4));

  function isUsed(list) {
    if (!list.checkVisibility()) return false;
    const place = list.querySelector(".row[aria-current], .rows-list:hover, .rows-list :focus, .rows-list :checked");
    return Boolean(place) || list.scrollTop > 0 || list.getBoundingClientRect().top < 0 || performance.now() - touched < 5000;
  }

  const byItself = ({ elt, triggeringEvent }) =>
    (elt.id === "rows" && triggeringEvent?.type === "inbox-changed") || elt.id.startsWith("again-");

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.matches(".row") || (byItself(detail) && isUsed(rows()))) detail.headers["Live-Keep"] = shown().join(",");
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {   // somebody came to the list meanwhile
    if (!byItself(detail.requestConfig) || "Live-Keep" in detail.requestConfig.headers || !isUsed(rows())) return;
    detail.shouldSwap = false;
    setTimeout(() => htmx.trigger(document.body, "inbox-changed"));
  });
  for (const kind of ["pointerdown", "pointermove", "wheel", "touchmove"])
    document.addEventListener(kind, (event) => {
      if (event.target.closest?.(".rows-list")) touched = performance.now();
    }, { passive: true });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.(".arrived")) return;
    touched = -Infinity;
    rows().scrollTo({ top: 0 });
  });
})();
