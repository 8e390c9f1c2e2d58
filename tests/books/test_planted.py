"""Each kind of wrong row is found, and its rule named. One world for all: what is planted is undone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from books import verifying
from tests.books.planting import PLANTED, broken, plant
from tests.books.worlds import SOON, make_world

# A changed transfer is found by its rule, and by the chain that it is part of.
CHAIN = "ledger_chain_holds"
MAY_BREAK_TOO = {CHAIN, "no_transfer_waits_for_its_link"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A little of everything, gone again after the last test."""
    with django_db_blocker.unblock():
        outer: Any = transaction.atomic()
        outer._from_testcase = True
        with outer:
            make_world()
            yield
            transaction.set_rollback(True)


@pytest.mark.parametrize(("_sql", "_names"), PLANTED, ids=[names[0] for _, names in PLANTED])
def test_a_wrong_row_is_found_and_its_rule_named(
    world: None, django_db_blocker: Any, _sql: str, _names: list[str]
) -> None:
    with django_db_blocker.unblock(), transaction.atomic():
        plant(_sql)
        report = verifying.look(at=SOON)
        transaction.set_rollback(True)

    found = set(broken(report))
    assert set(_names) <= found
    assert found - set(_names) <= (MAY_BREAK_TOO if "ledger_transfer" in _sql else set())
    assert all(finding.rows and finding.broken for finding in report.breaches)
