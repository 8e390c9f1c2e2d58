"""What a page has that keeps people out: axe-core looks at it in the browser."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
OPTIONS = {"resultTypes": ["violations"], "elementRef": False, "iframes": False, "preload": False}


def barriers(page: Page) -> list[str]:
    """Name each serious or critical finding of an open page by its rule and element, and a page too wide."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    named = [
        f"{one['id']}: {node['html'][:200]} {_colours(node)}".strip()
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [*named, f"{wide} pixels too wide"] if wide > 0 else named


def _colours(node: dict[str, Any]) -> str:
    """The two colours that are too near each other, where that is the finding."""
    tests = [test["data"] for test in node["any"] if test["id"] == "color-contrast"]
    return " ".join(
        f"{data['fgColor']} on {data['bgColor']}, {data['contrastRatio']}" for data in tests
    )
