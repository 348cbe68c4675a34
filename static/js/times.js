// "5 min ago" and "in 5 min" stay true while the page is open, and the full time is in the reader's own zone.
(() => {
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

  function length(seconds, whole) {
    if (seconds < 3600) return `${whole(seconds / 60)} min`;
    if (seconds < 86400) return `${whole(seconds / 3600)} h`;
    const days = whole(seconds / 86400);
    return `${days} day${days > 1 ? "s" : ""}`;
  }

  function age(when) {
    const seconds = (Date.now() - when) / 1000, away = Math.abs(seconds);
    if (away < 60) return seconds >= 0 ? "just now" : "in a minute";
    if (away >= 7 * 86400) return day.format(when);
    return seconds > 0 ? `${length(away, Math.floor)} ago` : `in ${length(away, Math.round)}`;
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
