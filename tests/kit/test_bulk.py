"""Many rows in one statement, planned once a connection."""

import pytest
from django.db import connection, transaction
from django.db.utils import DataError

from integration import outbox
from integration.models import Event
from integration.outbox import Message
from kit import bulk
from tests.factories import NOON, make_distributor

ASKED = "SELECT %s::int + 1, %s::text"


def plans() -> int:
    return int(bulk.query("SELECT count(*) FROM pg_prepared_statements")[0][0])


@pytest.mark.django_db(transaction=True)
def test_a_statement_is_planned_once_a_connection_and_anew_on_the_next() -> None:
    connection.close()

    assert bulk.query(ASKED, [1, "a"], planned=True) == [(2, "a")]
    assert bulk.query(ASKED, [2, "%s"], planned=True) == [(3, "%s")]
    assert plans() == 1

    connection.close()
    assert plans() == 0
    assert bulk.query(ASKED, [3, "c"], planned=True) == [(4, "c")]


@pytest.mark.django_db(transaction=True)
def test_a_plan_outlives_the_transaction_that_failed_with_it() -> None:
    connection.close()
    with pytest.raises(DataError), transaction.atomic():
        bulk.query("SELECT 1 / %s::int", [0], planned=True)

    assert bulk.query("SELECT 1 / %s::int", [1], planned=True) == [(1,)]


@pytest.mark.django_db
def test_columns_that_hold_one_value_are_written_like_any_other() -> None:
    shops = [make_distributor() for _ in range(2)]
    told = [
        Message(shop.partner_id, "deposit.low", name, version, {})
        for shop in shops
        for name, version in (("one", 1), ("two", None))
    ]

    alone = Message(shops[0].partner_id, "deposit.low", "three", 3, {})

    outbox.record(told, at=NOON)
    outbox.record([alone], at=NOON)

    written = Event.objects.filter(type="deposit.low").order_by("pk")
    assert [(one.partner_id, one.object_no, one.object_version) for one in written] == [
        (message.partner_pk, message.object_no, message.object_version)
        for message in [*told, alone]
    ]


@pytest.mark.django_db
def test_documents_are_written_as_they_are_with_and_without_a_gap() -> None:
    partner_pk = make_distributor().partner_id
    data = {"name": 'a "quoted" \\ text, 商品 {1,2}', "none": None}
    told = [
        Message(partner_pk, "deposit.low", "one", None, data),
        Message(partner_pk, "deposit.low", "two", None, data, previous={"a": [1]}),
    ]

    outbox.record(told[:1], at=NOON)
    outbox.record(told, at=NOON)

    written = Event.objects.filter(type="deposit.low").order_by("pk")
    assert [(one.data, one.previous) for one in written] == [
        (data, None),
        (data, None),
        (data, {"a": [1]}),
    ]
