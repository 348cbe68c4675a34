// The socket carries no content, only "look again": what a person may see is decided by the view
// that renders it, and a missed message heals with the next one, on reconnect and on focus.
(() => {
  const page = document.documentElement, state = document.getElementById("live-state");
  let socket, tries = 0, warning, told = {}, doubt = 0, leaving = false;
  const look = (detail) => document.dispatchEvent(new CustomEvent("live:look", { detail }));

  function show(live, after = 0) {
    clearTimeout(warning);
    warning = setTimeout(() => {
      page.dataset.live = live;
      state.textContent = state.dataset[live] || "";
    }, after);
  }

  function tell() {                            // what this page shows, whenever that changes
    if (socket.readyState !== WebSocket.OPEN) return;
    const topics = [...new Set([...document.querySelectorAll("[data-topic]")].map((e) => e.dataset.topic))].slice(0, 20);
    const looking = document.hidden ? "" : document.querySelector("[data-looking]")?.dataset.looking ?? "";
    const named = topics.join();
    if (named === told.named && looking === told.looking) return;
    if (told.named === undefined) look();
    else if (looking || named !== told.named) look(["execution", "executions", "looking"]);
    told = { named, looking };
    socket.send(JSON.stringify({ topics, looking }));
  }

  function open() {
    told = {};
    socket = new WebSocket(location.origin.replace(/^http/, "ws") + document.body.dataset.live);
    socket.onopen = () => { tries = 0; show("on"); tell(); };
    socket.onclose = (event) => lost(event.code);
    socket.onmessage = (event) => {
      doubt = clearTimeout(doubt);
      if (page.dataset.live !== "on") { show("on"); look(); }
      look(JSON.parse(event.data).changed);
    };
  }

  // Not at once, and not all together: a server that goes loses all its browsers at the same moment.
  function lost(code) {
    clearTimeout(doubt);
    doubt = socket.onclose = socket.onmessage = null;
    if (code === 4401) return show("out");
    const renewed = code === 4408;             // the server asks for a new socket now and then
    show("off", renewed || leaving ? 4000 : 500);
    setTimeout(open, 200 + Math.random() * (renewed ? 1500 : Math.min(20000, 2500 * 2 ** tries++)));
  }

  document.addEventListener("live:check", () => {        // awake.js doubts that anybody is there
    if (doubt || socket.readyState !== WebSocket.OPEN) return;
    socket.send("?");
    doubt = setTimeout(() => { socket.close(); lost(); }, 5000);
  });
  addEventListener("beforeunload", () => { leaving = true; setTimeout(() => { leaving = false; }, 5000); });
  addEventListener("offline", () => show("off"));
  document.addEventListener("visibilitychange", tell);
  document.addEventListener("htmx:afterSettle", tell);
  open();
})();
