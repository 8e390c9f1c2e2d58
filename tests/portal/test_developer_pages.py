"""The developer's pages of the portal: what their machines asked, and what went wrong."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from distributors.models import Distributor
from integration import endpoints, keys, recording, request_log, usage
from integration.models import ApiRequest, Delivery, FeedPosition, Usage
from integration.recording import RECORDER, Recorder
from integration.usage import BOUNDS_US
from portal import checklist
from tests.api.signed import Shop, order_body
from tests.factories import NOON, make_api_request, make_call, make_distributor, make_sku
from tests.people import log_in, log_in_by_password, make_person

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = "/portal/integration/"
WRONG = {"Huopan-Signature": "v1=" + "0" * 64}
WAIT_SECONDS = 20


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    RECORDER.forget()
    cache.clear()
    yield
    RECORDER.forget()


@pytest.fixture
def shop() -> Shop:
    return Shop(make_distributor(deposit_fen=1_000_00))


@pytest.fixture
def client(shop: Shop) -> Client:
    return log_in(make_person(shop.distributor.company))


def count(
    recorder: Recorder, shop: Distributor, status: int, *, now: float, key_pk: int = 1
) -> bool:
    return recorder.count(
        partner_pk=shop.partner_id,
        key_pk=key_pk,
        route="POST /orders",
        status=status,
        code="stock_insufficient" if status >= 400 else "",
        took_us=3_000,
        now=now,
    )


def took_of(*counts: int) -> list[int]:
    return [*counts, *[0] * (len(BOUNDS_US) + 1 - len(counts))]


def asked(client: Client, path: str) -> tuple[str, int]:
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path)
    assert page.status_code == 200, path
    return page.content.decode(), len(queries)


def test_all_are_counted_and_of_one_second_only_so_many_are_kept(shop: Shop) -> None:
    recorder, now = Recorder(), NOON.timestamp()

    kept = {
        status: [count(recorder, shop.distributor, status, now=now) for _ in range(40)].count(True)
        for status in (201, 429, 409)
    }
    others = count(recorder, shop.distributor, 201, now=now, key_pk=2)
    later = count(recorder, shop.distributor, 201, now=now + 1)
    recorder.flush()
    count(recorder, shop.distributor, 201, now=now + 2)
    recorder.flush()

    # Being slowed down is not worth more room than being served.
    assert kept == {201: recording.SUCCESSES_A_SECOND, 429: 0, 409: recording.ERRORS_A_SECOND}
    assert others
    assert later
    seen = Usage.objects.filter(key_id=1).values_list("status_class", "code", "requests", "took")
    assert {(*row[:3], tuple(row[3])) for row in seen} == {
        (2, "", 42, tuple(took_of(0, 42))),
        (4, "stock_insufficient", 80, tuple(took_of(0, 80))),
    }


def test_without_the_database_requests_go_on_and_are_counted_later(shop: Shop) -> None:
    def rename(old: str, new: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")

    shop.get("/deposit")
    rename("integration_usage", "integration_away")
    try:
        answered, kept = shop.get("/deposit").status_code, RECORDER.flush()
    finally:
        rename("integration_away", "integration_usage")
    RECORDER.flush()

    assert (answered, kept) == (200, 0)
    assert Usage.objects.get(route="GET /deposit").requests == 2


def test_a_thread_of_each_process_writes_by_itself(shop: Shop, settings: Settings) -> None:
    settings.REQUEST_LOG_SECONDS = 0.02
    recorder = Recorder()

    count(recorder, shop.distributor, 201, now=NOON.timestamp())

    until = time.monotonic() + WAIT_SECONDS
    while not Usage.objects.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert Usage.objects.get().requests == 1


def test_consumers_and_secrets_are_never_in_the_log(shop: Shop) -> None:
    tea = make_sku(available=9)
    placed = shop.post("/orders", order_body(tea.sku_no, number="M-1") | {"remark": "叫张三下楼"})
    consignee = order_body(tea.sku_no, number="M-1")["consignee"] | {"name": "李四"}
    body = str(consignee).replace("'", '"').encode()
    shop.send("PUT", f"/orders/{placed.json()['order_no']}/address", body)
    shop.send("PUT", "/webhook", b'{"url": "https://198.51.100.9/hook", "types": []}')
    shop.post("/orders", b'{"consignee": {"name": "cut off")')
    # Named or typed wrongly, they are consumers' all the same.
    shop.post("/orders", b'{"receiver": {"n": "cut off"}, "Phone_2": [13800000000]}')
    shop.post("/orders", rb'{"\u0070hone": "13800000000", "a": 1')
    RECORDER.flush()

    texts = [str(request_log.opened(row)) for row in ApiRequest.objects.all()]

    assert len(texts) == 6
    for secret in ("张三", "李四", "13800000000", "海德三道199号", "cut off", shop.secret):
        assert not any(
            secret in text or secret.encode("unicode_escape").decode() in text for text in texts
        )
    assert not re.search(r"whsec_[A-Za-z0-9]", "".join(texts))
    assert sum("广东省" in text for text in texts) == 2
    assert all(b"M-1" not in bytes(row.sealed) for row in ApiRequest.objects.all())


def test_requests_are_found_by_number_path_status_and_code(shop: Shop, client: Client) -> None:
    tea = make_sku(available=3)
    placed = shop.post("/orders", order_body(tea.sku_no, number="M-1")).json()
    shop.post("/orders", order_body(tea.sku_no, number="M-2", quantity=9))
    shop.get("/deposit", headers=WRONG)
    shop.get("/deposit", headers={"Huopan-Key": "hpk_nobody"})
    other = make_api_request(make_distributor())
    RECORDER.flush()

    def found(query: str) -> set[tuple[str, str]]:
        page, queries = asked(client, f"{PAGES}requests/?{query}")
        assert queries <= 15
        return set(re.findall(r"<code>(GET|POST) /api/v1(/\w+)</code>", page))

    placing = {("POST", "/orders")}
    assert found("") == {*placing, ("GET", "/deposit")}
    assert found("q=M-2") == found(f"q={placed['order_no']}") == found("q=/orders") == placing
    assert found("status=4") == {*placing, ("GET", "/deposit")}
    assert found("status=2") == found("code=stock_insufficient") == placing
    assert found("q=%00&code=%00") == found("")
    assert found("code=stock_insufficient&q=M-1") == found("q=M-3") == set()
    page, _queries = asked(client, f"{PAGES}requests/")
    assert re.findall(r'\?code=(\w+)"', page) == ["signature_invalid", "stock_insufficient"]
    assert "3 of them are kept here" in page
    assert other.request_id not in page
    for nothing in ("requests/%00/", f"requests/{other.request_id}/", "documents/%00/"):
        assert client.get(PAGES + nothing).status_code == 404
    refused = ApiRequest.objects.get(code="stock_insufficient")
    detail, _queries = asked(client, f"{PAGES}requests/{refused.request_id}/")
    for text in ("M-2", "stock_insufficient", "openssl dgst", "&quot;***&quot;"):
        assert text in detail
    assert shop.secret not in detail


def test_what_cannot_be_stored_takes_nothing_else_with_it(shop: Shop) -> None:
    shop.get("/orders/%00")
    shop.get("/deposit", headers={"Huopan-Nonce": "\xe9" * 16})
    RECORDER.keep(make_call(shop.distributor, address="no address"))
    RECORDER.keep(make_call(shop.distributor, target="/a\0b"))

    assert RECORDER.flush() == 3
    assert set(ApiRequest.objects.values_list("status", flat=True)) == {404, 401, 200}


def test_a_logged_request_is_taken_apart(shop: Shop, client: Client) -> None:
    body = {"name": "茶"}
    shop.post("/auth/echo", body)
    shop.post("/auth/echo", body, headers=WRONG)
    RECORDER.flush()
    right, wrong = ApiRequest.objects.order_by("pk")

    pages = [asked(client, f"{PAGES}debugger/?of={row.request_id}")[0] for row in (right, wrong)]

    assert ["The signature is right" in page for page in pages] == [True, False]
    assert "The signature is wrong" in pages[1]
    foreign = make_api_request(make_distributor())
    assert client.get(f"{PAGES}debugger/", {"of": foreign.request_id}).status_code == 404


def test_a_pasted_request_is_examined_by_the_readers_own_keys_only(
    shop: Shop, client: Client
) -> None:
    def examined(owner: Shop, **fields: str) -> tuple[int, str]:
        headers = owner.sign("GET", "/api/v1/deposit")
        lines = "\r\n".join(f"{name}: {value}" for name, value in headers.items())
        text = f"GET /api/v1/deposit HTTP/1.1\r\n{lines}\r\n\r\n"
        answer = client.post(f"{PAGES}debugger/", {"request": text, **fields})
        return answer.status_code, answer.content.decode()

    right, stranger = examined(shop), examined(Shop())
    signed = "GET\\n/deposit\\n\\n1\\n2\\n3"
    compared = examined(shop, theirs=f'{{"values": {{"string_to_sign": "{signed}"}}}}')

    assert right[0] == 200
    assert "The signature is right" in right[1]
    assert stranger[0] == 422
    assert "names no key of yours" in stranger[1]
    assert "number 6: line 2, column 2" in compared[1]
    assert "0x61" in compared[1]
    assert "0x64" in compared[1]
    assert shop.secret not in right[1] + compared[1]


def test_refused_addresses_are_shown_where_they_are_bound(shop: Shop) -> None:
    person = log_in_by_password(make_person(shop.distributor.company))
    keys.bind_addresses(partner=shop.distributor.partner, addresses=["203.0.113.0/24"])
    refused = shop.get("/deposit").json()
    RECORDER.flush()

    page, queries = asked(person, PAGES)
    offered = re.search(r'name="addresses" value="([^"]+)"', page)
    assert offered
    person.post(f"{PAGES}addresses/", {"addresses": offered[1]})

    assert refused["code"] == "ip_not_allowed"
    assert queries <= 15
    assert refused["request_id"] in page
    shop.distributor.partner.refresh_from_db()
    assert shop.distributor.partner.allowed_addresses == ["203.0.113.0/24", "127.0.0.1/32"]


def test_usage_is_shown_by_time_and_route_and_old_minutes_become_hours(
    shop: Shop, client: Client
) -> None:
    now = datetime.now(UTC)
    minute, key_pk = int(now.timestamp()) // 60, shop.key.pk
    old = int((now - timedelta(days=3)).timestamp()) // 3600 * 60
    gone = minute - 60 * 24 * 40
    usage.add(
        {
            (shop.distributor.partner_id, key_pk, at, "POST /orders", status, ""): took
            for at, status, took in (
                (minute - 1, 2, took_of(0, 90)),
                (minute - 1, 4, took_of(0, 0, 10)),
                (minute - 2, 2, took_of(30)),
                (old, 2, took_of(1)),
                (old + 1, 2, took_of(2)),
                (old + 59, 2, took_of(0, 3)),
                (gone, 2, took_of(5)),
            )
        }
    )

    page, queries = asked(client, f"{PAGES}usage/")
    usage.tidy(at=now)
    usage.tidy(at=now)

    assert queries <= 15
    assert re.findall(r"<b>(\d+)</b>", page) == ["130", "10"]
    assert "100 requests of one key" in page
    assert "3.2 ms" in page
    hour = Usage.objects.get(minute=datetime.fromtimestamp(old * 60, UTC))
    assert (hour.requests, hour.took) == (6, took_of(3, 3))
    assert Usage.objects.count() == 4
    month, _queries = asked(client, f"{PAGES}usage/?span=month")
    assert re.findall(r"<b>(\d+)</b>", month) == ["136", "10"]


def test_old_requests_go_and_so_do_too_many(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make_api_request(shop.distributor) for _ in range(4)]
    ApiRequest.objects.filter(pk=made[3].pk).update(at=NOON - timedelta(days=8))
    monkeypatch.setattr(request_log, "MAX_KEPT", 2)

    forgotten = request_log.forget(at=NOON)

    assert forgotten == 2
    assert set(ApiRequest.objects.all()) == {made[1], made[2]}


def test_who_has_not_read_everything_is_told_how_far_behind(shop: Shop, client: Client) -> None:
    tea = make_sku(available=9)
    endpoints.save(partner=shop.distributor.partner, url="https://198.51.100.9/hook", at=NOON)
    for number in range(3):
        shop.post("/orders", order_body(tea.sku_no, number=f"M-{number}"))
    unread, _queries = asked(client, f"{PAGES}catching-up/")
    shop.get("/events?limit=1")
    RECORDER.flush()

    page, queries = asked(client, f"{PAGES}catching-up/")

    position = FeedPosition.objects.get()
    assert (position.key_id, position.seq) == (shop.key.pk, 1)
    assert "Nobody has read" in unread
    newest = int(re.findall(r"<b>(\d+)</b>", page)[0])
    assert f"You are {newest - 1} events behind: go on with GET /events?after=1." in page
    assert f"{newest} callbacks wait" in page
    assert queries <= 15


def test_events_are_counted_before_they_are_told_again(shop: Shop, client: Client) -> None:
    tea = make_sku(available=9)
    shop.post("/orders", order_body(tea.sku_no, number="M-1"))
    wanted = {"types": "order.*", "occurred_from": "2026-01-01T00:00"}
    client.get(f"{PAGES}catching-up/")
    nowhere = client.post(f"{PAGES}catching-up/replay/", wanted | {"confirmed": "1"})
    endpoints.save(partner=shop.distributor.partner, url="https://198.51.100.9/hook", at=NOON)

    counted = client.post(f"{PAGES}catching-up/replay/", wanted).content.decode()
    before = Delivery.objects.count()
    told = client.post(f"{PAGES}catching-up/replay/", wanted | {"confirmed": "1"})
    wrong = client.post(f"{PAGES}catching-up/replay/", wanted | {"after_seq": "-1"})

    assert (nowhere.status_code, before) == (404, 0)
    assert "One event matches." in counted
    assert told.status_code == 302
    assert Delivery.objects.get().event.type == "order.placed"
    assert wrong.status_code == 422


def test_the_go_live_list_ticks_what_was_done(shop: Shop, client: Client) -> None:
    def done() -> set[int]:
        shop.distributor.refresh_from_db()
        shop.distributor.partner.refresh_from_db()
        return {at for at, step in enumerate(checklist.steps(shop.distributor)) if step.done}

    begun = done()
    shop.post("/auth/echo")
    shop.get("/products")
    tea = make_sku(available=9)
    shop.post("/orders", order_body(tea.sku_no, number="M-1"))
    endpoints.save(partner=shop.distributor.partner, url="https://198.51.100.9/hook", at=NOON)
    client.post("/portal/deposit/warning/", {"amount": "500.50"})
    RECORDER.flush()

    page, queries = asked(client, "/portal/")

    # A key and a deposit it was opened with.
    assert begun == {0, 9}
    assert done() == {0, 2, 3, 4, 6, 7, 9, 10}
    assert "8/12" in page
    assert queries <= 15
    assert shop.distributor.low_deposit_threshold_fen == 500_50


def test_documents_hold_the_readers_key_and_nothing_else_is_read(
    shop: Shop, client: Client
) -> None:
    page, queries = asked(client, f"{PAGES}documents/quick-start/")

    assert f"HUOPAN_KEY={shop.key.public_id}" in page
    assert shop.secret not in page
    assert queries <= 15
    assert 'href="/portal/integration/documents/signing/"' in page
    assert client.get(f"{PAGES}documents/files/vectors.json").status_code == 200
    for name in ("../adr/0001", "files/../glossary.md", "files/signing.md", "nothing"):
        assert client.get(f"{PAGES}documents/{name}/").status_code == 404
        assert client.get(f"{PAGES}documents/{name}").status_code in (301, 404)
