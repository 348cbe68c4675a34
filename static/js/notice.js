// A form that could not be sent says so, and keeps what was typed.
(() => {
  const notice = document.getElementById("notice");
  const say = (text) => { if (notice.textContent !== text) notice.textContent = text; };
  const sends = (event) => event.detail.requestConfig?.verb !== "get" && !event.detail.elt.matches?.(".draft");

  document.addEventListener("htmx:sendError", (event) => {
    if (sends(event)) say(notice.dataset.unreachable);
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) say(notice.dataset.out);
    else if (status === 503 && (sends(event) || event.detail.boosted)) say(notice.dataset.away);
    else if (sends(event)) say(notice.dataset.refused.replace("#", status));
  });
  document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.successful) say(""); });
})();
