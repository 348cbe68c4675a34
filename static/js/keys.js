// j and k move through the rows, / goes to the search; never while typing. Enter opens, as on any link.
(() => {
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

  function move(step) {
    const rows = [...document.querySelectorAll(".row, .line[href]")];
    if (!rows.length) return;
    const current = document.querySelector(".row[aria-current]");
    const at = rows.indexOf(rows.includes(document.activeElement) ? document.activeElement : current);
    rows[Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "/" && document.getElementById("search")) document.getElementById("search").focus();
    else return;
    event.preventDefault();
  });
})();
