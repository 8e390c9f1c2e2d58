"""The web application and the browser that tests may ask for."""

import urllib.request

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page

from tests.conftest import LiveWeb


@pytest.mark.http
@pytest.mark.parametrize("_time", ["first", "second"])
def test_the_web_application_serves_this_tests_own_database(live_web: LiveWeb, _time: str) -> None:
    assert not Session.objects.exists()
    Session.objects.create(session_key="a", session_data="", expire_date=timezone.now())

    with urllib.request.urlopen(f"{live_web.url}/readyz") as answer:
        assert answer.status == 200


@pytest.mark.http
@pytest.mark.browser
def test_the_browser_reaches_it_and_the_test_its_data(live_web: LiveWeb, page: Page) -> None:
    page.goto(f"{live_web.url}/healthz")

    assert page.url.endswith("/healthz")
    assert not Session.objects.exists()
