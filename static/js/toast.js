// The message after an answer counts down and goes when the time to undo is over.
(() => {
  const ends = new WeakMap();

  function tick() {
    for (const toast of document.querySelectorAll(".toast")) {
      if (!ends.has(toast)) ends.set(toast, performance.now() + 1000 * Number(toast.dataset.left));
      const left = (ends.get(toast) - performance.now()) / 1000;
      if (left <= 0) { toast.remove(); continue; }
      const text = toast.querySelector("[data-countdown]"), bar = toast.querySelector("progress");
      if (text && text.textContent !== String(Math.ceil(left))) text.textContent = Math.ceil(left);
      if (bar) { bar.hidden = false; bar.value = left; }
    }
  }
  setInterval(tick, 100);
  document.addEventListener("htmx:afterSettle", tick);
  tick();
})();
