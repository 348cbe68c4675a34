// A page for which the database was away asks again quietly, and comes back by itself when there is an answer.
(() => {
  const pause = 1000 * Number(document.currentScript.dataset.seconds);

  async function ask() {
    try {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
      if (answer.status !== 503) return location.reload();
    } catch { /* not even the web server: later */ }
    setTimeout(ask, pause);
  }
  setTimeout(ask, pause);
})();
