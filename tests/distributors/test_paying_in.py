"""Recharges that are applied for: seen by staff, credited once, by two people where they are large."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import IntegrityError
from PIL import Image

from books import verifying
from companies import policies
from distributors import (
    agreeing,
    applying_for_recharges,
    deciding_recharges,
    recharging,
    slips,
    warning,
)
from distributors.models import Distributor, Recharge
from integration.models import Event
from kit import pictures
from kit.actors import OPERATIONS, person
from kit.errors import DomainError, NotFound, WrongState
from ledger import accounts, posting
from ledger.models import Kind, Transfer
from tests.factories import NOON, make_distributor, make_photo, make_recharge, make_slip

pytestmark = pytest.mark.django_db
LI, WANG = person("li@example.com"), person("wang@example.com")
LARGE = 10_000_01


def balance_of(shop: Distributor) -> int | None:
    return accounts.deposit_of(shop.pk).balance_fen


def now(one: Recharge) -> Recharge:
    return Recharge.objects.get(pk=one.pk)


def slip_files() -> set[str]:
    root = Path(storages["private"].path("slips"))
    return {str(path.relative_to(root)) for path in root.rglob("*.jpg")} if root.exists() else set()


def approve(one: Recharge, reference: str = "BANK-1", by: Any = LI) -> Recharge:
    return deciding_recharges.approve(
        recharge_no=one.recharge_no, bank_reference=reference, actor=by, at=NOON
    )


def check(one: Recharge, reference: str = "BANK-1", by: Any = LI) -> Recharge:
    return deciding_recharges.check_once(
        recharge_no=one.recharge_no, bank_reference=reference, actor=by, at=NOON
    )


def reject(one: Recharge, reason: str = "没有到账") -> Recharge:
    return deciding_recharges.reject(recharge_no=one.recharge_no, reason=reason, actor=LI, at=NOON)


def take_back(one: Recharge) -> Recharge:
    return applying_for_recharges.withdraw(
        distributor=one.distributor, recharge_no=one.recharge_no, actor=LI, at=NOON
    )


def assert_books_are_clean() -> None:
    breaches = verifying.look(at=NOON).breaches
    assert not breaches, [(one.check.name, one.rows[:2]) for one in breaches]


def test_an_application_credits_nothing_until_it_is_approved() -> None:
    shop = make_distributor(deposit_fen=0)

    applied = make_recharge(shop, amount_fen=100_00, slip=make_slip())

    assert (applied.state, balance_of(shop)) == ("applied", 0)
    assert not Transfer.objects.exists()
    assert not Event.objects.exists()


def test_an_approved_recharge_credits_its_amount_under_the_bank_reference_and_is_told() -> None:
    shop = make_distributor(deposit_fen=0)
    applied = make_recharge(shop, amount_fen=100_00)

    approve(applied)

    transfer = Transfer.objects.get()
    event = Event.objects.get()
    assert (transfer.code, transfer.reference, transfer.amount_fen) == (
        "recharge",
        "BANK-1",
        100_00,
    )
    assert (transfer.debit.kind, transfer.credit.holder) == (Kind.BANK, shop.pk)
    assert transfer.note == applied.recharge_no
    assert balance_of(shop) == 100_00
    assert (event.type, event.object_no) == ("recharge.approved", applied.recharge_no)
    assert event.data["available_fen"] == 100_00
    assert now(applied).decided_by == str(LI)
    assert_books_are_clean()


def test_a_rejected_recharge_credits_nothing_and_says_why() -> None:
    shop = make_distributor(deposit_fen=0)
    applied = make_recharge(shop)

    reject(applied, "回单金额不符")

    event = Event.objects.get()
    assert (now(applied).state, balance_of(shop)) == ("rejected", 0)
    assert (event.type, event.data["reason"]) == ("recharge.rejected", "回单金额不符")
    assert_books_are_clean()


@pytest.mark.parametrize("end", [approve, reject, take_back])
def test_what_is_decided_stays_decided(end: Callable[[Recharge], object]) -> None:
    applied = make_recharge()
    end(applied)
    before, events = now(applied).state, Event.objects.count()

    for again in (approve, check, reject, take_back):
        if again is take_back and end is take_back:
            take_back(applied)  # harmless
        else:
            with pytest.raises(WrongState):
                again(applied)

    assert (now(applied).state, Event.objects.count()) == (before, events)
    assert Transfer.objects.count() == (before == "approved")


def test_up_to_the_limit_one_person_is_enough_and_above_it_two_are_needed() -> None:
    shop = make_distributor(deposit_fen=0)
    small, large = make_recharge(shop, amount_fen=LARGE - 1), make_recharge(shop, amount_fen=LARGE)
    approve(small, "SMALL")

    with pytest.raises(agreeing.SecondPersonNeeded):
        approve(large)
    check(large)
    with pytest.raises(agreeing.SecondPersonNeeded):
        approve(large)
    assert balance_of(shop) == LARGE - 1
    approve(large, by=WANG)

    assert balance_of(shop) == LARGE - 1 + LARGE
    assert (now(large).checked_by, now(large).decided_by) == (str(LI), str(WANG))
    assert_books_are_clean()


def test_nobody_approves_what_he_checked_himself_however_small_it_is() -> None:
    applied = check(make_recharge())

    with pytest.raises(agreeing.SecondPersonNeeded):
        approve(applied)

    assert now(applied).state == "checked"


def test_commands_are_exempt_from_four_eyes() -> None:
    applied = make_recharge(amount_fen=LARGE)

    approve(applied, by=OPERATIONS)

    assert balance_of(applied.distributor) == LARGE


def test_the_limit_is_a_policy() -> None:
    policies.decide(name="four_eyes_above_fen", value=50_00, actor=OPERATIONS, at=NOON)
    applied = make_recharge(amount_fen=50_01)

    with pytest.raises(agreeing.SecondPersonNeeded):
        approve(applied)

    assert now(applied).state == "applied"


def test_the_second_person_may_leave_the_reference_out_but_not_name_another() -> None:
    applied = check(make_recharge(amount_fen=LARGE), "SEEN")

    with pytest.raises(deciding_recharges.BankReferenceDiffers, match="SEEN"):
        approve(applied, "OTHER", by=WANG)
    assert now(applied).state == "checked"
    approve(applied, "", by=WANG)

    assert Transfer.objects.get().reference == "SEEN"


@pytest.mark.parametrize("reference", ["", "  ", "B" * 129, "B\nB"])
def test_no_recharge_is_approved_without_a_proper_reference(reference: str) -> None:
    applied = make_recharge()

    for act in (approve, check):
        with pytest.raises(recharging.ReferenceInvalid):
            act(applied, reference)

    assert now(applied).state == "applied"
    assert not Transfer.objects.exists()


def test_a_bank_reference_is_credited_once_whichever_road_it_takes() -> None:
    shop = make_distributor(deposit_fen=0)
    recharging.recharge(
        distributor_pk=shop.pk, amount_fen=5_00, reference="DIRECT", actor=OPERATIONS, at=NOON
    )
    first, second = make_recharge(shop), make_recharge(shop)
    approve(first, "APPLIED")

    for reference in ("DIRECT", "APPLIED", " APPLIED "):
        with pytest.raises(posting.AlreadyPosted):
            approve(second, reference)
        with pytest.raises(posting.AlreadyPosted):
            check(second, reference)
    for reference in ("APPLIED", "APPLIED "):
        with pytest.raises(posting.AlreadyPosted):
            recharging.recharge(
                distributor_pk=shop.pk, amount_fen=5_00, reference=reference, actor=LI, at=NOON
            )

    assert balance_of(shop) == 105_00
    assert now(second).state == "applied"


def test_a_reference_that_is_to_be_credited_is_taken_by_no_other_application() -> None:
    first, second = make_recharge(amount_fen=LARGE), make_recharge()
    check(first, "SEEN")

    for act in (check, approve):
        with pytest.raises(posting.AlreadyPosted):
            act(second, "SEEN", by=WANG)

    assert now(second).state == "applied"
    assert balance_of(second.distributor) == 0


def test_a_slip_stands_for_one_recharge_of_anybody_until_it_is_rejected() -> None:
    shop, other = make_distributor(deposit_fen=0), make_distributor(deposit_fen=0)
    first = make_recharge(shop, slip=make_slip())
    files = slip_files()

    for who in (shop, other):
        with pytest.raises(applying_for_recharges.SlipUsedAlready):
            make_recharge(who, slip=make_slip())
    assert slip_files() == files
    reject(first)
    again = make_recharge(shop, slip=make_slip())

    assert again.state == "applied"
    assert Recharge.objects.count() == 2


def test_a_slip_is_encoded_anew_and_kept_apart() -> None:
    applied = make_recharge(slip=make_slip("green"))

    with slips.read(applied) as file, Image.open(file) as image:
        assert (image.format, image.size) == ("JPEG", (40, 30))
    with pytest.raises(pictures.PictureFormatNotAllowed):
        slips.read_upload(b"<svg></svg>")
    with pytest.raises(pictures.PictureUnreadable):
        slips.read_upload(make_photo()[:60])
    with pytest.raises(NotFound):
        slips.read(make_recharge())


def test_the_same_open_application_again_is_the_first_one() -> None:
    shop = make_distributor(deposit_fen=0)
    content: dict[str, Any] = {
        "payment_reference": "PAY",
        "slip": make_slip(),
        "paid_on": date(2026, 11, 20),
    }
    first = make_recharge(shop, **content)
    files = slip_files()

    again = make_recharge(shop, **content, at=NOON + timedelta(minutes=1))
    other = make_recharge(shop, payment_reference="PAY", amount_fen=100_01)

    assert (again.pk, again.applied_at) == (first.pk, NOON)
    assert other.pk != first.pk
    assert slip_files() == files


@pytest.mark.parametrize(
    ("_case", "fields", "refusal"),
    [
        ("nothing", {"amount_fen": 0}, recharging.AmountOutOfRange),
        ("too much", {"amount_fen": 100_000_000_01}, recharging.AmountOutOfRange),
        ("no payer", {"payer": " "}, applying_for_recharges.PayerMissing),
        ("a payer on two lines", {"payer": "A\nB"}, applying_for_recharges.PayerMissing),
        ("no proof", {"payment_reference": " "}, applying_for_recharges.PaymentUnproven),
        (
            "a reference too long",
            {"payment_reference": "P" * 65},
            applying_for_recharges.PaymentTextInvalid,
        ),
        ("a note too long", {"note": "n" * 201}, applying_for_recharges.PaymentTextInvalid),
        (
            "paid tomorrow",
            {"paid_on": date(2026, 11, 23)},
            applying_for_recharges.PaidInFuture,
        ),
    ],
)
def test_an_application_that_says_nonsense_is_refused_and_leaves_no_trace(
    _case: str, fields: dict[str, Any], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        make_recharge(**fields)

    assert not Recharge.objects.exists()


def test_open_applications_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying_for_recharges, "MAX_OPEN", 1)
    shop = make_distributor(deposit_fen=0)
    make_recharge(shop)

    with pytest.raises(applying_for_recharges.RechargeLimitReached):
        make_recharge(shop)

    assert Recharge.objects.count() == 1


def test_another_distributors_application_is_not_there() -> None:
    applied = make_recharge()

    with pytest.raises(NotFound):
        applying_for_recharges.withdraw(
            distributor=make_distributor(), recharge_no=applied.recharge_no, actor=LI, at=NOON
        )

    assert now(applied).state == "applied"


def test_a_rejection_needs_a_reason() -> None:
    applied = make_recharge()

    for reason in ("", " ", "x" * 201):
        with pytest.raises(agreeing.RejectionReasonMissing):
            reject(applied, reason)

    assert now(applied).state == "applied"


def test_what_is_not_there_is_decided_by_nobody() -> None:
    nothing = Recharge(recharge_no="R0")

    for act in (approve, check, reject):
        with pytest.raises(NotFound):
            act(nothing)


def test_one_person_credits_directly_only_up_to_the_limit_and_proposes_more() -> None:
    shop = make_distributor(deposit_fen=0)

    with pytest.raises(agreeing.SecondPersonNeeded):
        recharging.recharge(
            distributor_pk=shop.pk, amount_fen=LARGE, reference="BIG", actor=LI, at=NOON
        )
    proposed = deciding_recharges.propose(
        distributor_pk=shop.pk, amount_fen=LARGE, bank_reference="BIG", actor=LI, at=NOON
    )
    with pytest.raises(agreeing.SecondPersonNeeded):
        approve(proposed, "BIG")
    assert balance_of(shop) == 0
    approve(proposed, "BIG", by=WANG)

    assert balance_of(shop) == LARGE
    with pytest.raises(posting.AlreadyPosted):
        deciding_recharges.propose(
            distributor_pk=shop.pk, amount_fen=LARGE, bank_reference="BIG", actor=LI, at=NOON
        )
    with pytest.raises(NotFound):
        deciding_recharges.propose(
            distributor_pk=-1, amount_fen=LARGE, bank_reference="B", actor=LI, at=NOON
        )


def test_the_database_refuses_a_move_that_is_not_drawn() -> None:
    applied = reject(make_recharge())

    with pytest.raises(Exception, match="transition"):
        Recharge.objects.filter(pk=applied.pk).update(state="approved", bank_reference="X")


def test_the_database_refuses_an_approval_without_a_reference() -> None:
    applied = make_recharge()

    with pytest.raises(IntegrityError, match="recharge_approved_with_its_bank_reference"):
        Recharge.objects.filter(pk=applied.pk).update(state="approved")


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_the_check_and_the_credit_leaves_it_to_be_approved_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    applied = check(make_recharge(amount_fen=LARGE))
    monkeypatch.setattr(warning, "watch", _crash)

    with pytest.raises(RuntimeError):
        approve(applied, by=WANG)
    assert (now(applied).state, balance_of(applied.distributor)) == ("checked", 0)
    assert not Event.objects.exists()
    monkeypatch.undo()
    approve(applied, by=WANG)

    assert balance_of(applied.distributor) == LARGE
    assert Transfer.objects.count() == 1
    assert_books_are_clean()


def _crash(*_args: object, **_fields: object) -> None:
    raise RuntimeError("the process died here")
