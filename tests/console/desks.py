"""A desk of the console: one window, in which somebody works in one language, then in the other."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.translation import gettext, override
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
)

from tests.console.staff import client_of, make_staff

PICTURES = Path(__file__).resolve().parents[2] / "test-results"
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
TELEPHONE: ViewportSize = {"width": 390, "height": 800}
SEND = ".hp-form .actions button"


class Desk:
    """A page of somebody with every right, and whatever went wrong in it.

    It stays open for all tests: a browser's first page costs as much as five others.
    """

    def __init__(self, window: BrowserContext) -> None:
        self.page: Page = window.new_page()
        self.url: str = ""
        self.language: str = settings.LANGUAGE_CODE
        self.wrong: list[str] = []
        self._camera = window.new_cdp_session(self.page)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", self._follow)

    def make_ready(self, url: str) -> None:
        """Begin anew at a server, with somebody whom nobody knows yet."""
        self.url, self.language = url, settings.LANGUAGE_CODE
        self.page.context.clear_cookies()
        self.page.set_viewport_size(DESKTOP)
        self.wrong.clear()
        self.sit_down()

    def in_each_language(self) -> Iterator[str]:
        """Read Chinese, then English."""
        for code, _name in settings.LANGUAGES:
            self.language = code
            self._give(settings.LANGUAGE_COOKIE_NAME, code)
            yield code

    def sit_down(self, *, password: str = "") -> None:
        """Let somebody else have the chair; who has a password is asked for it again."""
        somebody = make_staff(superuser=True)
        if password:
            # As the server hashes: it would hash another one anew, which ends the session.
            hasher = Argon2PasswordHasher()
            somebody.password = hasher.encode(password, hasher.salt())
            somebody.save()
        self._give("sessionid", client_of(somebody).cookies["sessionid"].value)

    def open(self, path: str) -> None:
        """Go to a page of the console."""
        self.page.goto(f"{self.url}/admin/{path}", wait_until="load")

    def send(self, button: str | Locator = SEND) -> None:
        """Press the first of these buttons or links, and wait for the page that it leads to."""
        found = self.page.locator(button) if isinstance(button, str) else button
        with self.page.expect_navigation(wait_until="load"):
            found.first.click()

    def follow(self, path: str) -> None:
        """Press the link of a page that leads to another page of the console."""
        self.send(f"#main a[href^='/admin/{path}']")

    def fill(self, **values: str) -> None:
        """Write into the fields of these names."""
        for name, value in values.items():
            self.page.locator(f"[name={name}]").fill(value)

    def say(self, text: str) -> str:
        """Return words of ours in the language that is read."""
        with override(self.language):
            return gettext(text)

    def reads(self, text: str, **values: Any) -> None:
        """Wait until the page says this."""
        expect(self.page.get_by_text(self.say(text).format(**values)).first).to_be_visible()

    def keep(self, name: str) -> None:
        """Keep a picture of the page, by language; it must fit a telephone, too."""
        language = self.page.evaluate(
            "document.fonts.ready.then(() => document.documentElement.lang)"
        )
        assert language.lower().startswith(self.language[:2]), (name, language)
        PICTURES.mkdir(exist_ok=True)
        # A fifth of the time that packing it well takes.
        taken = self._camera.send("Page.captureScreenshot", {"optimizeForSpeed": True})
        picture = PICTURES / f"console-{name}-{self.language}.png"
        picture.write_bytes(base64.b64decode(taken["data"]))
        if self.language == "en":
            self._hold_on_a_telephone(name)

    def _hold_on_a_telephone(self, name: str) -> None:
        """Note a page that is wider than a telephone; English words are the longest."""
        size = self.page.viewport_size
        self.page.set_viewport_size(TELEPHONE)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > TELEPHONE["width"]:
            self.wrong.append(f"{name} is {wide} pixels wide on a telephone")
        self.page.set_viewport_size(size or DESKTOP)

    def _give(self, name: str, value: str) -> None:
        self.page.context.add_cookies([{"name": name, "value": value, "url": self.url}])

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.wrong.append(f"{said.text} {said.location['url']}")

    def _follow(self, asked: Request) -> None:
        if not asked.url.startswith((self.url, "data:", "blob:")):
            self.wrong.append(asked.url)
