"""What every test may ask for: a database, a running web application, a browser."""

import gc
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from running import processes, web
from running.children import Child
from tests import stores

STORES = pytest.StashKey[stores.Stores]()
WEB_SECONDS = 60
# The first is Chromium without a window to draw, which costs a fifth less.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the first process; the workers hear of them from it."""
    received = getattr(config, "workerinput", None)
    if received is not None:
        opened = stores.Stores(**received["stores"])
        worker = str(received["workerid"])
    elif config.option.collectonly or config.option.help:
        return
    else:
        opened, worker = stores.open_stores(), "alone"
    config.stash[STORES] = opened
    stores.use(opened, worker)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Keep what was loaded, which is a million objects, out of the garbage collector's way."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker process where the servers are."""
    node.workerinput["stores"] = vars(node.config.stash[STORES])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers where they were started."""
    opened = config.stash.get(STORES, None)
    if opened is not None and not hasattr(config, "workerinput"):
        stores.close_stores(opened)


@pytest.fixture(scope="session")
def django_db_setup(
    pytestconfig: pytest.Config,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Give this process a database, and tests that commit a quick way to clean up."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        stores.create_database(pytestconfig.stash[STORES])
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: stores.restore())
        yield
        connection.close()


@dataclass(frozen=True)
class LiveWeb:
    """A real web server on this test's own database."""

    url: str
    process: Child


@pytest.fixture(scope="session")
def _web(django_db_setup: None) -> Iterator[LiveWeb]:
    port = processes.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "HUOPAN_PORT": str(port),
        "PUBLIC_URL": url,
        "PGAPPNAME": "web",
        "WEB_PROCESSES": "2",
        "WEB_THREADS": "16",
    }
    process = web.child(environment, Path(os.environ["HUOPAN_HOME"]) / "log" / "web.log")
    process.start()
    try:
        web.wait(process, url, WEB_SECONDS)
        yield LiveWeb(url, process)
    finally:
        process.stop(within_seconds=8)


@pytest.fixture
def live_web(_web: LiveWeb, transactional_db: None) -> LiveWeb:
    """The web application as in production: two processes of 16 threads; what a test commits, it sees."""
    return _web


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip("no Chromium was found: apt-get install chromium fonts-noto-cjk")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, by which Django believes tests to be asynchronous.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        opened = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh browser window of a Chinese reader, signed in nowhere."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def quiet(page: Page, live_web: LiveWeb) -> Iterator[Page]:
    """A page that reaches for nothing but our own server, and whose console stays silent."""
    ours = (live_web.url, "data:", "blob:")
    noise: list[str] = []
    outside: list[str] = []
    page.on(
        "request", lambda asked: None if asked.url.startswith(ours) else outside.append(asked.url)
    )
    page.on(
        "console",
        lambda said: (
            noise.append(f"{said.text} {said.location['url']}") if said.type != "log" else None
        ),
    )
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    assert outside == []
    assert noise == []
