"""A distributor's portal: its deposit, its orders, and how its machines are known."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from distributors import onboarding, recharging
from distributors.models import Distributor
from integration import keys
from integration.models import Endpoint
from kit.actors import OPERATIONS
from ledger import accounts
from orders import placing
from tests.factories import NOON, make_distributor, make_request, make_sku, make_supplier
from tests.people import PASSWORD, log_in, log_in_by_password, make_order_for, make_person

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/portal/integration/"


@pytest.fixture(autouse=True)
def forget_attempts() -> None:
    cache.clear()


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=1_000_00)


@pytest.fixture
def client(shop: Distributor) -> Client:
    return log_in_by_password(make_person(shop.company))


def credentials(public_id: str) -> keys.Credentials | None:
    return keys.credentials([public_id]).get(public_id)


def balances(page: str) -> list[str]:
    return re.findall(r'"Deposit after it">(-?¥[\d,.]+)<', page)


def test_the_first_page_shows_what_can_be_spent_and_what_open_orders_hold(
    shop: Distributor, client: Client
) -> None:
    recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=200_00, at=NOON)
    placing.place(make_request(shop, {make_sku(supply_price_fen=100_00): 1}), at=NOON)

    page = client.get("/portal/").content.decode()

    assert re.findall(r"<b>(-?¥[\d,.]+)</b><span>([^<]+)<", page) == [
        ("¥1,095.00", "Available for orders"),
        ("¥895.00", "Deposit"),
        ("¥105.00", "Paid for open orders"),
        ("¥200.00", "Credit line"),
    ]


def test_every_transfer_is_shown_with_the_balance_after_it_over_all_pages(
    shop: Distributor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.deposit.PAGE", 2)
    sku = make_sku(supply_price_fen=10_00)
    for number in range(4):
        placing.place(make_request(shop, {sku: 1}), at=NOON)
        recharging.recharge(
            distributor_pk=shop.pk,
            amount_fen=1_00,
            reference=f"B{number}",
            actor=OPERATIONS,
            at=NOON,
        )

    seen: list[str] = []
    path = "/portal/deposit/"
    while path:
        page = client.get(path).content.decode()
        seen += balances(page)
        following = re.search(r'href="(\?after=[^"]+)"', page)
        path = f"/portal/deposit/{following[1]}" if following else ""

    expected, balance_fen = [], 1_000_00
    for change_fen in [0] + [-10_50, 1_00] * 4:
        balance_fen += change_fen
        expected.append(f"¥{balance_fen // 100:,}.{balance_fen % 100:02d}")
    assert seen == expected[::-1]
    assert balance_fen == accounts.deposit_of(shop.pk).balance_fen


def test_a_cursor_that_was_tampered_with_is_the_first_page(client: Client) -> None:
    first = balances(client.get("/portal/deposit/").content.decode())

    tampered = balances(client.get("/portal/deposit/", {"after": "[1,99999]"}).content.decode())

    assert first == tampered == ["¥1,000.00"]


def test_an_order_is_found_by_either_number_and_shown_in_full() -> None:
    order = make_order_for(make_supplier(), quantity=2)
    client = log_in(make_person(order.distributor.company))

    for number in (order.order_no, order.out_order_no):
        listed = client.get("/portal/orders/", {"q": number}).content.decode()
        assert f"/portal/orders/{order.order_no}/" in listed
    page = client.get(f"/portal/orders/{order.order_no}/").content.decode()

    for text in (order.out_order_no, "¥52.50", "¥105.00", "张三", "13800000000"):
        assert text in page
    for secret in ("¥50.00", "¥2.50", "ST", "供货商"):
        assert secret not in page
    assert order.order_no not in client.get("/portal/orders/?state=shipped").content.decode()


def test_a_new_key_shows_its_secret_once_and_signs(shop: Distributor, client: Client) -> None:
    page = client.post(f"{PAGE}keys/", {"name": "商城", "scopes": ["goods"]}).content.decode()

    key = shop.partner.keys.get(name="商城")
    shown = re.search(r'id="new-secret">(hps_[\w-]+)<', page)
    found = credentials(key.public_id)
    assert shown is not None
    assert found is not None
    assert found.secrets == (shown[1].encode(),)
    assert shown[1] not in client.get(PAGE).content.decode()
    assert key.scopes == ["goods"]


def test_a_rotated_key_shows_its_new_secret_and_the_old_one_works_on(
    shop: Distributor, client: Client
) -> None:
    key = shop.partner.keys.get()
    before = credentials(key.public_id)
    assert before is not None

    page = client.post(f"{PAGE}keys/{key.public_id}/secret/").content.decode()

    after = credentials(key.public_id)
    assert after is not None
    assert after.secrets[1] == before.secrets[0]
    assert after.secrets[0].decode() in page


def test_a_key_is_revoked_with_a_reason_only(shop: Distributor, client: Client) -> None:
    key = shop.partner.keys.get()

    client.post(f"{PAGE}keys/{key.public_id}/revocation/", {"reason": ""})
    still = credentials(key.public_id)
    client.post(f"{PAGE}keys/{key.public_id}/revocation/", {"reason": "员工离职"})

    assert still is not None
    assert credentials(key.public_id) is None
    assert "员工离职" in client.get(PAGE).content.decode()


def test_addresses_are_bound_and_the_page_tells_whether_mine_is_among_them(
    shop: Distributor, client: Client
) -> None:
    client.post(f"{PAGE}addresses/", {"addresses": "203.0.113.7\n10.0.0.0/8, 2001:db8::/32"})
    without = client.get(PAGE).content.decode()
    client.post(f"{PAGE}addresses/", {"addresses": "127.0.0.1"})
    within = client.get(PAGE).content.decode()

    shop.partner.refresh_from_db()
    assert "not on the list" in without
    assert "10.0.0.0/8" in without
    assert '<span class="badge good">on the list' in within
    assert shop.partner.allowed_addresses == ["127.0.0.1/32"]


def test_an_address_that_cannot_be_read_is_said_beside_the_field(
    shop: Distributor, client: Client
) -> None:
    answer = client.post(f"{PAGE}addresses/", {"addresses": "here"})

    shop.partner.refresh_from_db()
    assert answer.status_code == 422
    assert "“here” is no IP address" in answer.content.decode()
    assert shop.partner.allowed_addresses == []


def test_the_callback_secret_is_shown_when_the_address_is_first_set(
    shop: Distributor, client: Client
) -> None:
    first = client.post(f"{PAGE}callback/", {"url": "http://127.0.0.1:9/hook"}).content.decode()
    second = client.post(f"{PAGE}callback/", {"url": "http://127.0.0.1:9/new"})
    wrong = client.post(f"{PAGE}callback/", {"url": "ftp://127.0.0.1/"})

    assert "whsec_" in first
    assert (second.status_code, wrong.status_code) == (302, 422)
    assert "https address" in wrong.content.decode()
    assert Endpoint.objects.get(partner=shop.partner).url == "http://127.0.0.1:9/new"


def test_secrets_and_addresses_ask_for_the_password_again(shop: Distributor) -> None:
    client = log_in(make_person(shop.company))
    key = shop.partner.keys.get()
    asked = [
        client.post(f"{PAGE}keys/", {"scopes": ["goods"]}),
        client.post(f"{PAGE}keys/{key.public_id}/secret/"),
        client.post(f"{PAGE}keys/{key.public_id}/revocation/", {"reason": "x"}),
        client.post(f"{PAGE}callback/", {"url": "http://127.0.0.1:9/hook"}),
        client.post(f"{PAGE}addresses/", {"addresses": "203.0.113.7"}),
    ]

    before = list(shop.partner.allowed_addresses)
    client.post(asked[-1].headers["location"], {"password": PASSWORD})

    assert all("/accounts/reauthenticate/" in answer.headers["location"] for answer in asked)
    assert before == []
    shop.partner.refresh_from_db()
    assert shop.partner.allowed_addresses == ["203.0.113.7/32"]
    assert shop.partner.keys.get().state == "live"
    assert not Endpoint.objects.exists()


def test_a_suspended_distributor_reads_everything_and_is_told_why(
    shop: Distributor, client: Client
) -> None:
    onboarding.change_state(distributor_pk=shop.pk, to="suspended", reason="欠款", at=NOON)

    for path in ("/portal/", "/portal/orders/", "/portal/deposit/", PAGE):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "欠款" in answer.content.decode()
