// A form that could not be sent says so, and keeps what was typed.
(() => {
  const notice = document.getElementById("notice");
  const say = (text) => { notice.textContent = text; };
  const sends = (event) => event.detail.requestConfig?.verb !== "get";

  document.addEventListener("htmx:sendError", (event) => {
    if (sends(event)) say("The server cannot be reached. Nothing was sent, and your text is still here. Try again.");
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (sends(event)) say(`The server could not take this (${event.detail.xhr.status}). Your text is still here. Try again.`);
  });
  document.addEventListener("htmx:beforeRequest", (event) => { if (sends(event)) say(""); });
})();
