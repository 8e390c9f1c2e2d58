"""What the parts of a price are stays the platform's secret, also where a price comes back."""

import pytest

from aftersales.models import CaseType
from ledger import accounts, reading
from tests.aftersales import stage

pytestmark = pytest.mark.django_db


def test_a_refund_by_shares_is_one_entry_on_the_deposit() -> None:
    scene = stage.make_stage(days=7, received=True)
    case = stage.approve(stage.apply(scene), freight_fen=3_00)

    found = reading.entries(accounts.deposit_of(scene.shop.pk), limit=10)

    assert [(one.code, one.reference, one.amount_fen) for one in found[:2]] == [
        ("aftersale_freight_refunded", case.case_no, 3_00),
        ("aftersale_refunded", case.case_no, 57_75),
    ]
    assert [one.balance_fen for one in found] == [879_50, 876_50, 818_75, 1_000_00]


def test_entries_are_whole_wherever_a_page_ends() -> None:
    scene = stage.make_stage(quantity=6, available=20)
    account = accounts.deposit_of(scene.shop.pk)
    # Pieces that were earned and pieces that were not, in one refund: four transfers.
    case = stage.apply(scene, CaseType.REFUND_ONLY, 6)
    stage.receive(scene, 3)
    stage.approve(case, freight_fen=1_00)
    whole = reading.entries(accounts.deposit_of(scene.shop.pk), limit=10)

    by_one: list[reading.Entry] = []
    below, balance_fen = reading.NEWEST, None
    while page := reading.entries(account, limit=1, below=below, balance_fen=balance_fen):
        by_one += page
        below, balance_fen = page[-1].pk, page[-1].balance_before_fen

    assert by_one == whole
    assert [one.amount_fen for one in whole] == [1_00, 6 * 57_75, -(6 * 57_75 + 8_00), 1_000_00]


def test_no_document_or_event_of_a_case_says_who_bears_it_or_what_the_source_gets() -> None:
    scene = stage.make_stage(days=7, received=True)
    case = stage.approve(stage.apply(scene), liability="platform", note="同意")

    told = [str(event.data) for event in case.distributor.partner.events.all()]

    assert told
    assert not any("liability" in text or "supply" in text for text in told)
