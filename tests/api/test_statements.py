"""Statements through the API: frozen days, byte for byte."""

import hashlib
from datetime import timedelta

import pytest

from books import statements
from companies.models import Company
from suppliers.periods import DAY
from tests.api import book_seeds
from tests.api.signed import Shop
from tests.factories import NOON


def test_a_closed_day_is_answered_in_the_bytes_that_were_frozen(shop: Shop) -> None:
    book_seeds.seed(shop)
    kept = shop.distributor.statements.get()

    as_json, as_csv = shop.get("/statements/2026-11-21"), shop.get("/statements/2026-11-21.csv")

    assert (as_json.content, as_csv.content) == (bytes(kept.json), bytes(kept.csv))
    assert as_json["ETag"] == f'"{hashlib.sha256(as_json.content).hexdigest()}"'
    assert as_csv["ETag"] == f'"{hashlib.sha256(as_csv.content).hexdigest()}"'
    assert as_csv["Content-Type"] == "text/csv; charset=utf-8"
    assert as_json.json()["closing_fen"] == 5_000_00


def test_closed_days_are_listed_newest_first_page_by_page(shop: Shop) -> None:
    statements.run(at=NOON + 3 * DAY)
    statements.run(at=NOON + 4 * DAY)
    Shop()

    first = shop.get("/statements?limit=3").json()
    second = shop.get(f"/statements?limit=3&after={first['next']}").json()

    days = [row["date"] for row in first["items"] + second["items"]]
    assert days == ["2026-11-25", "2026-11-24", "2026-11-23", "2026-11-22"]
    assert second["next"] is None
    assert second["items"][0] == statements.document(shop.distributor.statements.earliest("day"))


def test_a_past_day_that_nothing_closed_is_there_when_it_is_asked_for(shop: Shop) -> None:
    Company.objects.update(opened_at=NOON - 10_000 * DAY)

    answer = shop.get(f"/statements/{(NOON - 9_999 * DAY):%Y-%m-%d}")

    assert answer.status_code == 200
    assert (answer.json()["items"], answer.json()["closing_fen"]) == ([], 0)


def test_a_day_that_is_not_over_says_when_it_will_be_there(shop: Shop) -> None:
    answer = shop.get("/statements/2999-12-31")

    assert answer.status_code == 409
    assert answer.json()["code"] == "day_not_closed"
    assert answer.json()["values"]["closes_at"] == "3000-01-01 00:10"
    assert not shop.distributor.statements.exists()


@pytest.mark.parametrize(
    "day", ["2026-02-30", "yesterday", "20261121", "1999-01-01", "1999-01-01.csv"]
)
def test_what_is_no_day_or_before_the_opening_is_not_found(shop: Shop, day: str) -> None:
    assert shop.get(f"/statements/{day}").status_code == 404

    assert not shop.distributor.statements.exists()


def test_no_day_of_another_is_shown(shop: Shop) -> None:
    other = Shop()
    statements.run(at=NOON + DAY + timedelta(hours=1))
    book_seeds.seed(other)

    assert [row["date"] for row in shop.get("/statements").json()["items"]] == ["2026-11-22"]
    assert shop.get("/statements/2026-11-22").json()["distributor"] == shop.distributor.number
