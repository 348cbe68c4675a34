// Changes side by side or inline: what fits, until somebody chooses; the choice stays in this browser.
(() => {
  const page = document.documentElement;
  const chosen = () => { try { return localStorage.getItem("diff"); } catch { return page.dataset.diff; } };

  function show(choice) {
    if (choice === "split" || choice === "inline") page.dataset.diff = choice;
    else delete page.dataset.diff;
    for (const button of document.querySelectorAll("[data-set-diff]")) {
      const split = getComputedStyle(button.closest(".diff").querySelector(".diff-split") ?? page).display !== "none";
      const pressed = String((button.dataset.setDiff === "split") === split);
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    }
  }

  show(chosen());
  document.addEventListener("htmx:afterSettle", () => show(chosen()));
  addEventListener("storage", () => show(chosen()));   // another tab chose
  addEventListener("resize", () => show(chosen()));
  document.addEventListener("click", (event) => {
    const choice = event.target.closest?.("[data-set-diff]")?.dataset.setDiff;
    if (!choice) return;
    try { localStorage.setItem("diff", choice); } catch { /* private mode: for this page only */ }
    show(choice);
  });
})();
