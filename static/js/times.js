// "5 min ago" and "in 5 min" stay true while the page is open, and the full time is in the reader's own zone.
(() => {
  const language = document.documentElement.lang, words = JSON.parse(document.body.dataset.ages);
  const zone = document.documentElement.dataset.zone || undefined;      // set by the reader, else the browser's
  const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "long", timeZone: zone });
  const day = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language,
    language === "en" ? { day: "numeric", month: "short", year: "numeric", timeZone: zone } : { dateStyle: "long", timeZone: zone });
  const said = (tense, unit, count) => words[tense][unit][count === 1 ? 0 : 1].replace("#", count);

  function age(when) {
    const seconds = (Date.now() - when) / 1000, away = Math.abs(seconds);
    const whole = seconds > 0 ? Math.floor : Math.round, tense = seconds > 0 ? "past" : "future";
    if (away < 60) return seconds >= 0 ? words.now : words.soon;
    if (away >= 7 * 86400) return day.format(when);
    if (away < 3600) return said(tense, "min", whole(away / 60));
    return away < 86400 ? said(tense, "h", whole(away / 3600)) : said(tense, "day", whole(away / 86400));
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
