"""The bank's statement and distributors' closed days in the console."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from books.models import BankFile, BankLine
from distributors import recharging
from kit.actors import OPERATIONS
from ledger.models import Transfer
from tests.console.staff import client_of, make_staff
from tests.factories import NOON, make_bank_line, make_distributor, make_statement

pytestmark = pytest.mark.django_db(transaction=True)
FILE = "date,reference,amount,counterparty,text\n2026-11-22,B1,500.00,某店,\n2026-11-22,B2,9.00,,\n"


@pytest.fixture
def client() -> Client:
    return client_of(make_staff("see_money", "match_bank"))


def recharge(fen: int, reference: str) -> Transfer:
    recharging.recharge(
        distributor_pk=make_distributor(deposit_fen=0).pk,
        amount_fen=fen,
        reference=reference,
        actor=OPERATIONS,
        at=NOON,
    )
    return Transfer.objects.get(reference=reference)


def load(client: Client, content: str = FILE) -> str:
    sheet = SimpleUploadedFile("bank.csv", content.encode())
    return client.post("/admin/bank/loading/", {"file": sheet}, follow=True).content.decode()


def test_a_file_is_loaded_matched_and_its_exceptions_are_listed(client: Client) -> None:
    recharge(500_00, "B1")
    recharge(1_00, "UNPROVED")

    page = load(client)

    assert "新增 2 笔，已有 0 笔，匹配 1 笔。" in page
    assert "B2" in page
    assert "UNPROVED" in page
    assert ">B1<" not in page
    assert BankFile.objects.get().name == "bank.csv"


def test_a_file_that_cannot_be_read_says_where_and_loads_nothing(client: Client) -> None:
    page = load(client, FILE + "soon,B3,1.00,,\n")

    assert "第 4 行" in page
    assert not BankFile.objects.exists()


def test_a_line_is_settled_by_hand_with_the_transfer_it_proves(client: Client) -> None:
    credited = recharge(500_00, "ours")
    line = make_bank_line(amount_fen=500_00)
    address = f"/admin/bank-lines/{line.pk}/settlement/"

    offered = client.get(address).content.decode()
    client.post(address, {"transfer": credited.pk, "note": "付款人为股东"})

    assert f'value="{credited.pk}"' in offered
    line.refresh_from_db()
    assert (line.match, line.transfer, line.note) == ("settled", credited, "付款人为股东")
    assert "付款人为股东" in client.get(f"/admin/bank-lines/{line.pk}/").content.decode()


@pytest.mark.parametrize("values", [{"note": ""}, {"note": "x", "transfer": "999999"}])
def test_a_line_is_not_settled_without_a_note_or_with_a_transfer_that_is_not_offered(
    client: Client, values: dict[str, str]
) -> None:
    line = make_bank_line()

    answer = client.post(f"/admin/bank-lines/{line.pk}/settlement/", values)

    assert answer.status_code == 422
    assert BankLine.objects.get().match == "open"


def test_matching_again_finds_what_was_credited_since(client: Client) -> None:
    load(client)
    recharge(500_00, "B1")

    page = client.post("/admin/bank/matching/", follow=True).content.decode()

    assert "有 1 笔流水匹配到账目。" in page


def test_who_only_sees_money_sees_exceptions_and_settles_none() -> None:
    line = make_bank_line()
    reader = client_of(make_staff("see_money"))

    page = reader.get("/admin/bank/").content.decode()

    assert line.reference in page
    assert f"{line.pk}/settlement/" not in page
    assert reader.post(f"/admin/bank-lines/{line.pk}/settlement/", {"note": "x"}).status_code == 403
    assert BankLine.objects.get().match == "open"


def test_a_closed_day_is_shown_and_downloaded_in_the_bytes_that_were_frozen(
    client: Client,
) -> None:
    kept = make_statement(make_distributor(deposit_fen=1_000_00))

    page = client.get(f"/admin/statements/{kept.pk}/").content.decode()
    as_csv = client.get(f"/admin/statements/{kept.pk}/csv/")
    as_json = client.get(f"/admin/statements/{kept.pk}/json/")

    assert "¥1,000.00" in page
    assert (as_csv.content, as_json.content) == (bytes(kept.csv), bytes(kept.json))
    assert kept.distributor.number in client.get("/admin/books/statement/").content.decode()


def test_pages_of_the_bank_cost_few_queries(client: Client) -> None:
    lines = [make_bank_line() for _ in range(5)]
    recharge(500_00, "near")

    for address in ("bank/", f"bank-lines/{lines[0].pk}/", "books/bankline/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/{address}").status_code == 200
        assert len(queries) <= 15, address
