// A form that could not be sent says so, and keeps what was typed.
(() => {
  const notice = document.getElementById("notice");
  const say = (text) => { if (notice.textContent !== text) notice.textContent = text; };
  const away = "The database does not answer right now. Your text is still here. Try again in a few seconds.";
  const sends = (event) => event.detail.requestConfig?.verb !== "get" && !event.detail.elt.matches?.(".draft");

  document.addEventListener("htmx:sendError", (event) => {
    if (sends(event)) say("The server cannot be reached. Nothing was sent, and your text is still here. Try again.");
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) say("You are signed out. Sign in again in another tab; what you typed is still here.");
    else if (status === 503 && (sends(event) || event.detail.boosted)) say(away);
    else if (sends(event)) say(`The server could not take this (${status}). Your text is still here. Try again.`);
  });
  document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.successful) say(""); });
})();
