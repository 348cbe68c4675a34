// Notifications of the browser, for who has switched them on in this browser (settings): one for each new
// question, none while a page of ours is in sight. What they say stands on locked screens, so the title only
// if that is wanted.
(() => {
  const read = (key) => { try { return localStorage.getItem(key) || ""; } catch { return ""; } };
  const write = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private mode */ } };
  const known = () => new Set(read("notify-known").split(","));
  const isOn = () => ["plain", "title"].includes(read("notify")) && globalThis.Notification?.permission === "granted";

  async function newest() {
    const answer = await fetch(document.body.dataset.newest, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return [];
    return [...new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-id]")];
  }

  function tell(item) {
    const body = read("notify") === "title" ? item.textContent : document.body.dataset.noteText;
    const note = new Notification(document.body.dataset.note, { body, tag: item.dataset.id, icon: document.body.dataset.icon });
    note.onclick = () => { focus(); location.assign(item.dataset.url); note.close(); };
  }

  async function look() {
    if (!isOn()) return;
    if (!document.hidden) write("notify-seen", Date.now());
    const items = await newest().catch(() => []), before = known(), first = !read("notify-known");
    const fresh = items.filter((item) => !before.has(item.dataset.id));
    if (fresh.length || first) write("notify-known", [...items.map((item) => item.dataset.id), ...before, "-"].slice(0, 100).join());
    const isSeen = !document.hidden || Date.now() - Number(read("notify-seen")) < 12000;
    if (!first && !isSeen) fresh.forEach(tell);
  }

  document.addEventListener("DOMContentLoaded", look);
  document.body.addEventListener("inbox-changed", look);
  document.addEventListener("notify:on", look);
})();
