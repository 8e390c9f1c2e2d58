"""An integrator at the developer's pages in a real browser, on a telephone."""

import pytest
from playwright.sync_api import Page, expect

from integration.signing_requests import string_to_sign
from tests.api.signed import Shop
from tests.conftest import LiveWeb
from tests.factories import make_api_request
from tests.people import log_in, make_person

pytestmark = [pytest.mark.browser, pytest.mark.http]
WIDTH = 390
BODY = '{"name": "茶"}'


def test_a_pasted_request_is_examined_in_place_and_every_page_fits_a_telephone(
    page: Page, live_web: LiveWeb
) -> None:
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type != "log" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    shop = Shop()
    row = make_api_request(shop.distributor)
    session = log_in(make_person(shop.distributor.company)).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_web.url}])
    page.set_viewport_size({"width": WIDTH, "height": 800})
    headers = shop.sign("POST", "/api/v1/auth/echo", f"{BODY}\n".encode())
    lines = [f"{name}: {value}" for name, value in headers.items()]
    theirs = string_to_sign(
        method="POST",
        path="/auth/echo",
        query="",
        timestamp=headers["Huopan-Timestamp"],
        nonce=headers["Huopan-Nonce"],
        body=BODY.encode(),
    )

    page.goto(f"{live_web.url}/portal/integration/debugger/")
    page.get_by_label("请求，或 curl 命令").fill(
        "\n".join(["POST /api/v1/auth/echo HTTP/1.1", *lines, "Content-Type: application/json"])
        + f"\n\n{BODY}"
    )
    page.get_by_label("您签名的字符串").fill(theirs)
    page.get_by_role("button", name="检查").click()

    expect(page.locator("#diagnosis")).to_contain_text("请求体末尾的换行符")
    expect(page.locator("#difference")).to_contain_text("第 8 个：第 2 行第 3 列")
    expect(page.locator("#difference")).to_contain_text("/api/v1")
    assert page.url.endswith("/debugger/")
    for path in ("", "requests/", f"requests/{row.request_id}/", "usage/", "documents/signing/"):
        page.goto(f"{live_web.url}/portal/integration/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == WIDTH, path
    assert wrong == []
