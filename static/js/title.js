// The number beside "Inbox" stands in the title of the page too, and the icon of the tab has a dot.
(() => {
  function show() {
    const count = document.getElementById("inbox-count")?.dataset.count ?? "0";
    const title = document.title.replace(/^\([\d,+]+\) /, ""), icon = document.querySelector("link[rel=icon]");
    const wanted = count === "0" ? title : `(${count}) ${title}`;
    if (document.title !== wanted) document.title = wanted;
    const href = count === "0" ? icon.dataset.none : icon.dataset.some;
    if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
  }
  document.addEventListener("htmx:afterSettle", show);
  show();
})();
