"""The chain over the ledger: whatever is changed afterwards is named."""

import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kit.actors import OPERATIONS
from ledger import accounts, chaining, posting
from ledger.models import Kind, Link, Transfer
from ledger.posting import Posting
from tests.factories import NOON

SHOP = 7


def recharge(count: int, start: int = 0) -> None:
    posting.post(
        [
            Posting(
                code="recharge",
                reference=f"B{number}",
                debit=(Kind.BANK, None),
                credit=(Kind.DEPOSIT, SHOP),
                amount_fen=1_00 + number,
                distributor_pk=SHOP,
            )
            for number in range(start, start + count)
        ],
        at=NOON,
        actor=OPERATIONS,
    )


def plant(sql: str) -> None:
    """What somebody with a database client could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE ledger_link DISABLE TRIGGER USER")
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = 'ledger_link'::regclass AND contype = 'f'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE ledger_link DROP CONSTRAINT {name}")
        cursor.execute(sql)


@pytest.mark.django_db
def test_every_transfer_is_linked_once_in_the_order_of_its_key() -> None:
    accounts.open_deposit(distributor_pk=SHOP)
    recharge(3)

    first, again = chaining.link(at=NOON), chaining.link(at=NOON)

    recharge(2, start=3)
    chaining.link(at=NOON)
    links = list(Link.objects.order_by("position").values_list("position", "transfer_id"))
    pks = list(Transfer.objects.order_by("pk").values_list("pk", flat=True))
    assert (first, again) == (3, 0)
    assert links == list(enumerate(pks, 1))
    assert chaining.verify().broken is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_sql", "_position", "_fault"),
    [
        ("UPDATE ledger_transfer SET amount_fen = 9 WHERE reference = 'B1'", 2, "changed"),
        ("UPDATE ledger_transfer SET note = 'x' WHERE reference = 'B2'", 3, "changed"),
        ("DELETE FROM ledger_transfer WHERE reference = 'B3'", 4, "missing"),
        ("DELETE FROM ledger_link WHERE position = 2", 3, "gap"),
        ("UPDATE ledger_link SET digest = sha256('x') WHERE position = 4", 4, "changed"),
    ],
)
def test_the_first_broken_link_is_named(_sql: str, _position: int, _fault: str) -> None:
    accounts.open_deposit(distributor_pk=SHOP)
    recharge(5)
    chaining.link(at=NOON)
    plant(_sql)

    broken = chaining.verify().broken

    assert broken is not None
    assert (broken.position, broken.fault) == (_position, _fault)


@pytest.mark.django_db
def test_what_depends_on_the_session_changes_no_digest() -> None:
    accounts.open_deposit(distributor_pk=SHOP)
    recharge(2)
    chaining.link(at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'America/New_York'")

    assert chaining.verify().broken is None


@pytest.mark.django_db
def test_the_command_names_what_was_changed_and_knows_a_digest_kept_elsewhere() -> None:
    accounts.open_deposit(distributor_pk=SHOP)
    recharge(3)
    chaining.link(at=NOON)
    kept = StringIO()
    call_command("verify_chain", "--digest", stdout=kept)
    expected = kept.getvalue().strip()
    call_command("verify_chain", "--expect", expected, stdout=StringIO())

    plant("UPDATE ledger_transfer SET amount_fen = 1 WHERE reference = 'B0'")

    told = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_chain", stdout=told)
    assert "B0" in told.getvalue()


@pytest.mark.django_db
def test_a_chain_computed_anew_is_found_by_the_digest_that_was_kept() -> None:
    accounts.open_deposit(distributor_pk=SHOP)
    recharge(3)
    chaining.link(at=NOON)
    kept = f"3:{chaining.verify().digest}"

    plant("UPDATE ledger_transfer SET amount_fen = 1 WHERE reference = 'B0'")
    plant("DELETE FROM ledger_link")
    chaining.link(at=NOON)

    assert chaining.verify().broken is None
    with pytest.raises(CommandError):
        call_command("verify_chain", "--expect", kept, stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_many_sequencers_make_one_chain() -> None:
    accounts.open_deposit(distributor_pk=SHOP)
    recharge(40)

    def work() -> None:
        chaining.link(at=NOON)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chaining.link(at=NOON)

    chain = chaining.verify()
    assert (chain.length, chain.unlinked, chain.broken) == (40, 0, None)
