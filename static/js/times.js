// "5 min ago" stays true while the page is open, and the full time is in the reader's own zone.
(() => {
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

  function age(when) {
    const seconds = (Date.now() - when) / 1000;
    if (seconds < 60) return "just now";
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    const days = Math.floor(seconds / 86400);
    return days < 7 ? `${days} day${days > 1 ? "s" : ""} ago` : day.format(when);
  }

  function tick() {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const when = new Date(time.dateTime), text = age(when);
      if (time.textContent !== text) time.textContent = text;
      time.title = full.format(when);
    }
  }
  tick();
  setInterval(tick, 30000);
  document.addEventListener("htmx:afterSettle", tick);
})();
