// What a person has done to the page stays when it is updated: unfolded details stay unfolded,
// and a form whose question somebody else has answered keeps its text but cannot be sent.
(() => {
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
    !(name === "open" && node.nodeName === "DETAILS");

  function close() {
    if (!document.querySelector(".outcome[data-closed]")) return;
    for (const fields of document.querySelectorAll("form.answer .typed")) fields.disabled = true;
    for (const title of document.querySelectorAll("form.answer > header h2")) title.textContent = title.dataset.whenClosed;
  }
  document.addEventListener("htmx:afterSettle", close);
})();
