"""axe-core on a page, in both themes, wide and narrow."""

from itertools import product

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SIZES = ({"width": 1280, "height": 800}, {"width": 360, "height": 740})
THEMES = ("light", "dark")
RUN = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0)));
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const said = (node) => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 400)}`;
  return found.violations.flatMap((v) => v.nodes.map((node) => `${v.id}: ${said(node)}`));
}"""


class Looking:
    """What axe finds wrong on the pages that it was shown, by page; {} when there is nothing."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        self.pages = 0

    def at(self, page: Page, state: str) -> None:
        """Judge the page as it is, without leaving it; `state` names it in the report."""
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)  # through the debugger, so that the policy of the page stays as it is
        for size, theme in product(SIZES, THEMES):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            self.pages += 1
            if wrong := page.evaluate(RUN):
                self.found[f"{state}, {theme}, {size['width']}"] = wrong
        page.set_viewport_size(SIZES[0])

    def to(self, page: Page, path: str) -> None:
        page.goto(path)
        page.locator("html[data-live=on]").wait_for(state="attached")
        self.at(page, path)

    def __str__(self) -> str:
        return "\n".join(f"{state}: {wrong}" for state, found in self.found.items() for wrong in found)
