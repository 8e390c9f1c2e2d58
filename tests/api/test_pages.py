"""The reference as a reader sees it."""

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import LiveWeb

pytestmark = [pytest.mark.http, pytest.mark.browser]


def test_the_reference_shows_operations_in_chinese_and_asks_nothing_of_others(
    live_web: LiveWeb, page: Page
) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))

    page.goto(f"{live_web.url}/api/docs/")

    expect(page.get_by_role("heading", name="请求签名")).to_be_visible()
    placing = page.locator("#operations-orders-orders_place")
    expect(placing).to_contain_text("下单", timeout=20_000)
    placing.locator(".opblock-summary-control").click()
    expect(placing).to_contain_text("out_order_no")
    assert all(url.startswith((live_web.url, "data:")) for url in asked)
    assert wrong == []


def test_a_code_is_shown_where_a_problem_links_to(live_web: LiveWeb, page: Page) -> None:
    page.goto(f"{live_web.url}/api/docs/errors#price_changed")

    expect(page.locator("tr:target")).to_contain_text("价格高于您的预期")
