"""What tests of the console may ask for: a desk in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.conftest import LiveWeb
from tests.console.desks import Desk


@pytest.fixture(scope="session")
def _desk(browser: Browser) -> Iterator[Desk]:
    window = browser.new_context()
    yield Desk(window)
    window.close()


@pytest.fixture
def desk(live_web: LiveWeb, _desk: Desk) -> Iterator[Desk]:
    """Somebody with every right at work; what goes wrong in the page fails the test."""
    _desk.make_ready(live_web.url)
    yield _desk
    assert _desk.wrong == []
