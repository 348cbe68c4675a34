// Notifications are switched on for one browser, and only then is it asked for leave.
(() => {
  const panel = document.getElementById("notify-panel"), state = panel?.querySelector("[data-state]");
  if (!panel) return;
  const stored = () => { try { return localStorage.getItem("notify") || "off"; } catch { return "off"; } };

  function show() {
    const leave = globalThis.Notification?.permission ?? "none";
    const now = leave === "granted" ? stored() : "off";
    for (const choice of panel.querySelectorAll("[name=notify]")) {
      choice.checked = choice.value === now;
      choice.disabled = leave === "none" || (leave === "denied" && choice.value !== "off");
    }
    state.textContent = state.dataset[leave] ?? "";
  }

  panel.addEventListener("change", async (event) => {
    const wanted = event.target.value;
    if (wanted !== "off" && Notification.permission === "default") await Notification.requestPermission();
    try { localStorage.setItem("notify", wanted); } catch { state.textContent = state.dataset.unkept; return; }
    show();
    document.dispatchEvent(new Event("notify:on"));
  });
  panel.hidden = false;
  show();
})();
