"""Taking the pictures of the README from a demo that runs, with a browser of this machine.

Nothing is started. Whoever is in the picture logs in as the demo's people do; sizes are fixed.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from demo.companies import PASSWORD

WIDTH, HEIGHT = 1280, 860
COLOURS = 128
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is taken: the file's name, whose page, and where it is."""

    name: str
    email: str
    address: str


PICTURES = (
    Picture("console", "admin@demo.example", "/admin/"),
    Picture("exceptions", "admin@demo.example", "/admin/exceptions/?kind=late"),
    Picture("supplier", "tea@demo.example", "/supplier/orders/"),
)


def take(*, url: str, folder: Path) -> Sequence[Path]:
    """Take every picture from the pages at an address; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            return [_take(browser, url, folder, picture) for picture in PICTURES]
        finally:
            browser.close()


def _take(browser: Browser, url: str, folder: Path, picture: Picture) -> Path:
    context = browser.new_context(
        locale="zh-CN", viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light"
    )
    try:
        page = context.new_page()
        _log_in(page, url, picture)
        page.goto(f"{url}{picture.address}", wait_until="networkidle")
        file = folder / f"{picture.name}.png"
        page.screenshot(path=file)
    finally:
        context.close()
    # A page has few colours: the file is a third of what it was.
    with Image.open(file) as shot:
        shot.convert("RGB").quantize(COLOURS).save(file, optimize=True)
    return file


def _log_in(page: Page, url: str, picture: Picture) -> None:
    page.goto(f"{url}{picture.address}", wait_until="networkidle")
    page.fill("input[name=login]", picture.email)
    page.fill("input[name=password]", PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda address: "login" not in address)
