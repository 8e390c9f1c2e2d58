"""The deposit in the portal: what there is of it, recharges, withdrawals, filters and files."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineSheet, CalamineWorkbook

from distributors import deciding_recharges, deciding_withdrawals, recharging
from distributors.models import Distributor, Recharge, Withdrawal
from kit.actors import OPERATIONS
from ledger import accounts, freezing, reading
from orders import cancelling, holding, placing
from orders.models import Order
from portal import deposit
from tests.factories import (
    NOON,
    make_distributor,
    make_photo,
    make_recharge,
    make_request,
    make_sku,
    make_slip,
    make_withdrawal,
)
from tests.people import log_in, log_in_by_password, make_person

pytestmark = pytest.mark.django_db(transaction=True)
APPLY = "/portal/deposit/recharges/new/"
TAKE_OUT = "/portal/deposit/withdrawals/new/"
PAYMENT = {"amount_fen": "500", "payer": "云上商城", "payment_reference": "P1"}
TO_ACCOUNT = {
    "amount_fen": "200.50",
    "payee": "云上商城",
    "bank": "招商银行深圳分行",
    "account_no": "6225 8888 0000 1234",
}


@pytest.fixture
def shop() -> Distributor:
    return make_distributor(deposit_fen=1_000_00)


@pytest.fixture
def client(shop: Distributor) -> Client:
    return log_in_by_password(make_person(shop.company))


def slip(colour: str = "red") -> SimpleUploadedFile:
    return SimpleUploadedFile("回单.png", make_photo(colour), content_type="image/png")


def recharge(shop: Distributor, amount_fen: int, reference: str, days: int = 0) -> None:
    recharging.recharge(
        distributor_pk=shop.pk,
        amount_fen=amount_fen,
        reference=reference,
        actor=OPERATIONS,
        at=NOON + timedelta(days=days),
    )


def test_the_deposit_says_what_is_available_and_what_holds_the_rest(
    shop: Distributor, client: Client
) -> None:
    tea = make_sku(supply_price_fen=50_00)
    recharging.set_credit_line(distributor_pk=shop.pk, credit_line_fen=300_00, at=NOON)
    placing.place(make_request(shop, {tea: 1}), at=NOON)
    holding.hold(request=make_request(shop, {tea: 2}), at=NOON)
    make_withdrawal(shop, amount_fen=200_00)

    page = client.get("/portal/deposit/").content.decode()

    shown = dict(re.findall(r"<b>([^<]+)</b><span>([^<]+)</span>", page))
    assert {label: amount for amount, label in shown.items()} == {
        "Available for orders": "¥942.50",
        "Deposit": "¥947.50",
        "Reserved by holds": "¥105.00",
        "Held by withdrawals": "¥200.00",
        "Paid for open orders": "¥52.50",
        "Credit line": "¥300.00",
    }


def test_a_frozen_deposit_says_so(shop: Distributor, client: Client) -> None:
    account = accounts.deposit_of(shop.pk)
    freezing.freeze_account(account_pk=account.pk, reason="I2: secret", at=NOON)

    for address in ("/portal/", "/portal/deposit/", TAKE_OUT):
        page = client.get(address).content.decode()
        assert "deposit is frozen" in page
        assert "I2: secret" not in page


def test_a_recharge_is_applied_for_with_its_slip_which_nobody_else_sees(
    shop: Distributor, client: Client
) -> None:
    answer = client.post(APPLY, PAYMENT | {"slip": slip(), "paid_on": "2026-11-20"}, follow=True)

    found = Recharge.objects.get()
    address = f"/portal/deposit/recharges/{found.recharge_no}/"
    picture = client.get(f"{address}slip/")
    assert "is applied for" in answer.content.decode()
    assert f"{address}slip/" in answer.content.decode()
    assert (found.distributor_id, found.amount_fen, str(found.paid_on)) == (
        shop.pk,
        500_00,
        "2026-11-20",
    )
    assert found.applied_by.startswith("person:")
    assert (picture["Content-Type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
    stranger = log_in(make_person(make_distributor().company))
    for path in (address, f"{address}slip/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{address}withdrawal/").status_code == 404
    assert Recharge.objects.get().state == "applied"


@pytest.mark.parametrize(
    ("_case", "fields", "status", "text"),
    [
        ("no amount", {"amount_fen": ""}, 422, "This field is required"),
        ("no proof", {"payment_reference": ""}, 409, "Name the reference of your payment"),
        ("a page", {"slip": SimpleUploadedFile("a.png", b"<html>")}, 409, "Only JPEG, PNG"),
        ("tomorrow", {"paid_on": "2999-01-01"}, 409, "2999-01-01 is still to come"),
    ],
)
def test_an_application_that_is_not_right_is_shown_again_and_leaves_no_trace(
    client: Client, _case: str, fields: dict[str, object], status: int, text: str
) -> None:
    answer = client.post(APPLY, PAYMENT | fields)

    assert answer.status_code == status
    assert text in answer.content.decode()
    assert 'value="云上商城"' in answer.content.decode()
    assert not Recharge.objects.exists()


def test_a_slip_is_used_once(client: Client) -> None:
    make_recharge(slip=make_slip())

    answer = client.post(APPLY, PAYMENT | {"slip": slip()})

    assert "This slip stands for another recharge already." in answer.content.decode()
    assert Recharge.objects.count() == 1


def test_recharges_are_listed_by_state_and_say_why_they_were_rejected(
    shop: Distributor, client: Client
) -> None:
    mine, rejected, theirs = make_recharge(shop), make_recharge(shop), make_recharge()
    deciding_recharges.reject(
        recharge_no=rejected.recharge_no, reason="没有到账", actor=OPERATIONS, at=NOON
    )

    page = client.get("/portal/deposit/recharges/").content.decode()
    narrowed = client.get("/portal/deposit/recharges/?state=rejected").content.decode()

    assert mine.recharge_no in page
    assert "没有到账" in page
    assert theirs.recharge_no not in page
    assert mine.recharge_no not in narrowed
    assert client.get("/portal/deposit/recharges/?state=x").status_code == 404


def test_a_recharge_is_taken_back_unless_it_is_decided(shop: Distributor, client: Client) -> None:
    mine, decided = make_recharge(shop), make_recharge(shop)
    deciding_recharges.approve(
        recharge_no=decided.recharge_no, bank_reference="B", actor=OPERATIONS, at=NOON
    )

    for one in (mine, decided):
        client.post(f"/portal/deposit/recharges/{one.recharge_no}/withdrawal/")

    assert Recharge.objects.get(pk=mine.pk).state == "withdrawn"
    assert Recharge.objects.get(pk=decided.pk).state == "approved"


def test_a_withdrawal_is_applied_for_and_shows_the_end_of_the_account_alone(
    shop: Distributor, client: Client
) -> None:
    answer = client.post(TAKE_OUT, TO_ACCOUNT, follow=True)

    found = Withdrawal.objects.get()
    page = answer.content.decode()
    assert "its amount is held until it is paid" in page
    assert "招商银行深圳分行" in page
    assert "…1234" in page
    assert "62258888" not in page
    assert accounts.deposit_of(shop.pk).held_fen == found.amount_fen == 200_50


def test_a_withdrawal_asks_for_the_password_again(shop: Distributor) -> None:
    forgetful = log_in(make_person(shop.company))

    answer = forgetful.post(TAKE_OUT, TO_ACCOUNT)

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not Withdrawal.objects.exists()


def test_more_than_there_is_cannot_be_withdrawn(shop: Distributor, client: Client) -> None:
    answer = client.post(TAKE_OUT, TO_ACCOUNT | {"amount_fen": "1000.01"})

    assert answer.status_code == 409
    assert "At most ¥1,000.00 can be withdrawn" in answer.content.decode()
    assert accounts.deposit_of(shop.pk).held_fen == 0


def test_a_withdrawal_is_cancelled_and_listed(shop: Distributor, client: Client) -> None:
    mine, approved, theirs = make_withdrawal(shop), make_withdrawal(shop, amount_fen=1_00), None
    theirs = make_withdrawal()
    deciding_withdrawals.approve(withdrawal_no=approved.withdrawal_no, actor=OPERATIONS, at=NOON)

    for one in (mine, approved, theirs):
        client.post(f"/portal/deposit/withdrawals/{one.withdrawal_no}/cancellation/")
    page = client.get("/portal/deposit/withdrawals/").content.decode()

    states = [Withdrawal.objects.get(pk=one.pk).state for one in (mine, approved, theirs)]
    assert states == ["cancelled", "approved", "applied"]
    assert accounts.deposit_of(shop.pk).held_fen == 1_00
    assert mine.withdrawal_no in page
    assert theirs.withdrawal_no not in page


def moved(page: str) -> list[tuple[str, str]]:
    """What, and the balance after it, of each transfer on a page."""
    what = re.findall(r'data-label="What">([^<]+)<', page)
    after = re.findall(r'data-label="Deposit after it">([^<]+)<', page)
    return list(zip(what, after, strict=True))


def test_transfers_are_found_by_kind_day_and_order_each_with_the_balance_after_it(
    shop: Distributor, client: Client
) -> None:
    recharge(shop, 100_00, "R1", days=1)
    placed = placing.place(
        make_request(shop, {make_sku(): 1}, number="MINE-1"), at=NOON + timedelta(days=2)
    )
    recharge(shop, 200_00, "R2", days=3)
    number = placed.document["order_no"]

    def page(**query: str) -> list[tuple[str, str]]:
        return moved(client.get("/portal/deposit/", query).content.decode())

    opening, first = ("Recharge", "¥1,000.00"), ("Recharge", "¥1,100.00")
    order, last = ("Order placed", "¥1,047.50"), ("Recharge", "¥1,247.50")
    assert page() == [last, order, first, opening]
    assert page(kind="recharge") == [last, first, opening]
    assert page(q="MINE-1") == page(q=number) == page(kind="order_placed") == [order]
    assert page(since="2026-11-23", until="2026-11-24") == [order, first]
    assert page(since="2026-11-25") == [last]
    assert page(until="2026-11-22") == [opening]
    assert page(q="THEIRS") == []
    assert page(kind="nonsense") == [last, order, first, opening]


def test_pages_of_what_is_looked_for_go_on_where_they_were(
    shop: Distributor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposit, "PAGE", 2)
    for number in range(3):
        recharge(shop, 10_00, f"R{number}")
        placing.place(make_request(shop, {make_sku(): 1}), at=NOON)

    first = client.get("/portal/deposit/", {"kind": "recharge"}).content.decode()
    following = re.findall(r'href="(\?kind=recharge&amp;after=[^"]+)"', first)[0]
    recharge(shop, 99_00, "LATE")
    second = client.get("/portal/deposit/" + following.replace("&amp;", "&")).content.decode()

    balances = [after for _what, after in [*moved(first), *moved(second)]]
    assert balances == ["¥925.00", "¥967.50", "¥1,010.00", "¥1,000.00"]


def test_what_is_looked_for_is_the_same_as_what_runs_through(shop: Distributor) -> None:
    """Splits of one refund, which are one entry, too."""
    tea = make_sku(available=999)
    for number in range(4):
        placed = placing.place(make_request(shop, {tea: 2}), at=NOON)
        recharge(shop, 1_00, f"R{number}")
        order = Order.objects.get(order_no=placed.document["order_no"])
        cancelling.request(
            distributor=shop,
            order_pk=order.pk,
            pieces={"1": 1},
            reason="changed_mind",
            actor=OPERATIONS,
            at=NOON,
        )
    account = accounts.deposit_of(shop.pk)

    through = reading.entries(account, limit=100)

    assert reading.matching(account, reading.Wanted(), limit=100) == through
    assert len(through) == 13


def test_files_hold_what_is_shown_and_no_formula_runs(shop: Distributor, client: Client) -> None:
    recharge(shop, 100_00, '=HYPERLINK("http://x")')
    placing.place(make_request(shop, {make_sku(): 1}, number="A-1"), at=NOON)

    as_csv = client.get("/portal/deposit/transfers.csv", {"kind": "recharge"})
    as_xlsx = client.get("/portal/deposit/transfers.xlsx")

    text = as_csv.content.decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(text)))
    assert as_csv["Content-Disposition"].startswith("attachment")
    assert (len(rows), rows[0][2]) == (2, '\'=HYPERLINK("http://x")')
    assert [(row[8], row[9]) for row in rows] == [("100.00", "1100.00"), ("1000.00", "1000.00")]
    [cells] = [sheet.to_python() for sheet in sheets(as_xlsx.content)]
    assert [tuple(row[8:10]) for row in cells[1:]] == [(-52.5, 1047.5), (100, 1100), (1000, 1000)]
    assert cells[2][2] == '=HYPERLINK("http://x")'
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(as_xlsx.content)).read(
        "xl/worksheets/sheet1.xml"
    )
    assert cells[0][0] == head[0] == "When"


def sheets(content: bytes) -> list[CalamineSheet]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_name(name) for name in book.sheet_names]


def test_a_file_that_would_hold_too_much_is_refused_and_says_what_to_do(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposit, "MAX_EXPORTED", 0)

    answer = client.get("/portal/deposit/transfers.csv", follow=True)

    assert "More than 0 transfers" in answer.content.decode()


def test_pages_ask_the_database_little_however_much_there_is(
    shop: Distributor, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        make_recharge(shop)
        make_withdrawal(shop, amount_fen=number + 1)
        recharge(shop, 1_00, f"R{number}")

    for address in (
        "/portal/deposit/",
        "/portal/deposit/?kind=recharge",
        "/portal/deposit/recharges/",
        "/portal/deposit/withdrawals/",
    ):
        with django_assert_max_num_queries(15):
            assert client.get(address).status_code == 200
