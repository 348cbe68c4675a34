// What a person has done to the page stays when it is updated: unfolded details stay unfolded, rows chosen, and
// a form whose question somebody else has answered keeps its text, to read and to copy, until it is back.
(() => {
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
    !(name === "open" && node.nodeName === "DETAILS") && !(name === "checked" && node.closest(".choose, .choosing"));
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (node, next) =>   // how many match, asked for once
    !(node.id === "matching" && node.textContent && node.getAttribute("hx-get") === next.getAttribute("hx-get"));
  const OTHERS = "select, button, [type=checkbox], [type=radio], [type=file], [type=range], [type=color]";

  function shut(form, isShut) {
    if (isShut === form.matches("[data-shut]")) return;
    form.toggleAttribute("data-shut", isShut);
    const typed = form.querySelector(".typed"), title = form.querySelector("header h2");
    title.textContent = isShut ? title.dataset.shut : title.dataset.open;
    typed.disabled = false;                    // text in it could not be selected everywhere
    for (const field of typed.querySelectorAll("input, textarea")) field.readOnly = isShut;
    for (const field of typed.querySelectorAll(OTHERS)) {
      if (isShut) field.toggleAttribute("data-was-on", !field.disabled);
      field.disabled = isShut || !field.matches("[data-was-on]");
    }
  }

  function settle() {
    const item = document.querySelector("article.item"), form = item?.querySelector("form.answer");
    if (!item?.querySelector(".outcome")) return;
    const isShut = Boolean(item.querySelector(".outcome[data-closed]"));
    if (form && (isShut || item.querySelector(".actions"))) shut(form, isShut);
    else if (!isShut && item.dataset.status !== "waiting" && !item.dataset.asked) {
      item.dataset.asked = "";                 // it came without what answers it
      htmx.ajax("GET", location.href, { target: "#inbox", swap: "morph:outerHTML" });
    }
  }
  document.addEventListener("htmx:afterSettle", settle);
  settle();
})();
