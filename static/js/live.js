// The socket carries no content, only "look again": what a person may see is decided by the view
// that renders it, and a missed message heals with the next one, on reconnect and on focus.
(() => {
  const page = document.documentElement, state = document.getElementById("live-state");
  const all = ["inbox", "execution", "executions"], changed = new Set();
  let socket, tries = 0, timer, warning, told = "", leaving = false;

  function show(live) {
    clearTimeout(warning);
    warning = setTimeout(() => {
      page.dataset.live = live;
      state.textContent = state.dataset[live] || "";
    }, live === "on" ? 0 : 1500);              // a short gap is not worth a word
  }

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (leaving) return;
    for (const kind of changed) htmx.trigger(document.body, kind + "-changed");
    changed.clear();
  }

  function look(kinds) {
    kinds.forEach((kind) => changed.add(kind));
    timer ??= setTimeout(flush, document.hidden ? 5000 + Math.random() * 5000 : Math.random() * 120);
  }

  function tell() {                            // what this page shows, whenever that changes
    const topics = [...new Set([...document.querySelectorAll("[data-topic]")].map((e) => e.dataset.topic))];
    const text = JSON.stringify({ topics: topics.slice(0, 20) });
    if (text === told || socket?.readyState !== WebSocket.OPEN) return;
    socket.send(told = text);
    look(all);
  }

  function open() {
    told = "";
    socket = new WebSocket(location.origin.replace(/^http/, "ws") + document.body.dataset.live);
    socket.onopen = () => { tries = 0; show("on"); tell(); };
    socket.onmessage = (event) => look(JSON.parse(event.data).changed);
    socket.onclose = (event) => {
      if (event.code === 4401) return show("out");
      show("off");
      setTimeout(open, Math.min(20000, 400 * 2 ** tries++) * (0.5 + Math.random() / 2));
    };
  }

  setInterval(() => { if (socket.readyState !== WebSocket.OPEN) look(all); }, 20000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(all); flush(); } });
  addEventListener("beforeunload", () => {     // the next page asks for itself; a download leaves us here
    leaving = true;
    setTimeout(() => { leaving = false; look(all); }, 5000);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) { leaving = false; look(all); } });
  document.addEventListener("htmx:afterSettle", tell);
  open();
})();
