"""What a page has that keeps people out: axe-core looks at it in the browser."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
OPTIONS = {"resultTypes": ["violations"], "elementRef": False, "iframes": False, "preload": False}
RUN = """async ([options, without]) =>
    (await axe.run(without ? {exclude: [[without]]} : document, options)).violations"""


def bring_along(page: Page) -> None:
    """Have axe-core on every page that is opened from now on."""
    page.add_init_script(AXE_SCRIPT)


def barriers(page: Page, *, without: str = "") -> list[str]:
    """Name each serious or critical finding of an open page by its rule and element, and a page too wide.

    `without` selects what is left out, because it was examined before.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN, [OPTIONS, without])
    named = [
        f"{one['id']}: {node['html'][:200]} {_colours(node)}".strip()
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
    return [*named, *too_wide(page)]


def too_wide(page: Page) -> list[str]:
    """Say by how much an open page is wider than the screen, if it is."""
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"{wide} pixels too wide"] if wide > 0 else []


def _colours(node: dict[str, Any]) -> str:
    """The two colours that are too near each other, where that is the finding."""
    tests = [test["data"] for test in node["any"] if test["id"] == "color-contrast"]
    return " ".join(
        f"{data['fgColor']} on {data['bgColor']}, {data['contrastRatio']}" for data in tests
    )
