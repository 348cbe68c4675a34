// A connection can be gone without anybody being told: a laptop slept, a network changed. So the page
// asks now and then, and whenever there is a reason for doubt.
(() => {
  const check = () => document.dispatchEvent(new Event("live:check"));
  let last = Date.now(), quiet = 0;

  setInterval(() => {
    const now = Date.now(), slept = now - last > 15000;
    last = now;
    if (slept || (quiet += 1) > 5 + Math.random() * 2) { quiet = 0; check(); }
  }, 5000);
  addEventListener("online", check);
  addEventListener("offline", check);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) check(); });
})();
