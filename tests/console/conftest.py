"""What tests of the console may ask for: a desk in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.conftest import LiveWeb
from tests.console.desks import Desk


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window that stays open for all tests, so that styles and scripts are fetched once."""
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    yield opened
    opened.close()


@pytest.fixture
def desk(live_web: LiveWeb, window: BrowserContext) -> Iterator[Desk]:
    """Somebody with every right at work; what goes wrong in the page fails the test."""
    opened = Desk(window, live_web.url)
    yield opened
    opened.page.close()
    window.clear_cookies()
    assert opened.wrong == []
