// What a person has done to the page stays when it is updated: unfolded details stay unfolded, rows chosen,
// and a form whose question somebody else has answered keeps its text but cannot be sent.
(() => {
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
    !(name === "open" && node.nodeName === "DETAILS") && !(name === "checked" && node.closest(".choose, .choosing"));

  function close() {
    if (!document.querySelector(".outcome[data-closed]")) return;
    for (const fields of document.querySelectorAll("form.answer .typed")) fields.disabled = true;
    for (const title of document.querySelectorAll("form.answer > header h2")) title.textContent = "What you had typed";
  }
  document.addEventListener("htmx:afterSettle", close);
})();
