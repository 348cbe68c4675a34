// The number beside "Inbox" stands in the title of the page too.
document.addEventListener("htmx:afterSettle", () => {
  const count = document.getElementById("inbox-count")?.dataset.count ?? "0";
  const title = document.title.replace(/^\([\d,+]+\) /, "");
  document.title = count === "0" ? title : `(${count}) ${title}`;
});
