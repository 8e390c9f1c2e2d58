"""The outbox: numbered without a gap, after the commit, whatever overlaps."""

import threading

import pytest
from django.db import connection, transaction

from integration import nonces, outbox
from integration.models import Event, Partner
from tests.factories import NOON, make_distributor


def message(partner: Partner, number: int = 1) -> outbox.Message:
    return outbox.Message(partner.pk, "order.placed", f"H{number}", 1, {"order_no": f"H{number}"})


def record(partner: Partner, number: int) -> None:
    with transaction.atomic():
        outbox.record([message(partner, number)], at=NOON)


@pytest.mark.django_db
def test_events_are_numbered_one_after_the_other_for_each_partner() -> None:
    first, second = make_distributor(deposit_fen=0), make_distributor(deposit_fen=0)
    for number in range(3):
        record(first.partner, number)
    record(second.partner, 9)

    stamped, again = outbox.stamp(), outbox.stamp()

    assert (stamped, again) == (4, 0)
    assert [event.seq for event in outbox.read(first.partner_id, after=0, limit=9)] == [1, 2, 3]
    assert [event.seq for event in outbox.read(first.partner_id, after=2, limit=9)] == [3]
    assert [event.seq for event in outbox.read(second.partner_id, after=0, limit=9)] == [1]


@pytest.mark.django_db
def test_what_is_not_numbered_yet_is_not_shown() -> None:
    shop = make_distributor(deposit_fen=0)
    record(shop.partner, 1)

    assert outbox.read(shop.partner_id, after=0, limit=9) == []


def test_a_transaction_that_commits_late_loses_no_event(transactional_db: None) -> None:
    partner = make_distributor(deposit_fen=0).partner
    may_commit, has_written = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            outbox.record([message(partner, 1)], at=NOON)
            has_written.set()
            may_commit.wait(10)
        connection.close()

    writer = threading.Thread(target=slow_writer)
    writer.start()
    has_written.wait(10)
    record(partner, 2)
    outbox.stamp()
    seen_early = outbox.read(partner.pk, after=0, limit=9)

    may_commit.set()
    writer.join()
    outbox.stamp()

    seen_late = outbox.read(partner.pk, after=seen_early[-1].seq or 0, limit=9)
    assert [event.object_no for event in seen_early] == ["H2"]
    assert [event.object_no for event in seen_late] == ["H1"]


def test_a_partner_whose_events_are_being_numbered_is_left_to_whoever_does_it(
    transactional_db: None,
) -> None:
    partner = make_distributor(deposit_fen=0).partner
    record(partner, 1)
    may_commit, has_numbered = threading.Event(), threading.Event()

    def slow_sequencer() -> None:
        with transaction.atomic():
            outbox.stamp()
            has_numbered.set()
            may_commit.wait(30)
        connection.close()

    sequencer = threading.Thread(target=slow_sequencer)
    sequencer.start()
    has_numbered.wait(30)
    record(partner, 2)
    try:
        meanwhile = outbox.stamp()
    finally:
        may_commit.set()
        sequencer.join()

    assert meanwhile == 0
    assert outbox.stamp() == 1
    numbered = outbox.read(partner.pk, after=0, limit=9)
    assert [(event.object_no, event.seq) for event in numbered] == [("H1", 1), ("H2", 2)]


def test_many_sequencers_at_once_leave_no_gap_and_no_double(transactional_db: None) -> None:
    partners = [make_distributor(deposit_fen=0).partner for _ in range(3)]

    def work(number: int) -> None:
        for step in range(10):
            record(partners[number % 3], number * 100 + step)
            outbox.stamp()
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.stamp()

    for partner in partners:
        seqs = Event.objects.filter(partner=partner).order_by("seq").values_list("seq", flat=True)
        partner.refresh_from_db()
        assert list(seqs) == list(range(1, 21))
        assert partner.last_seq == 20


@pytest.mark.django_db
def test_a_nonce_is_good_once_for_its_key() -> None:
    first = nonces.use([(1, "a" * 16), (2, "a" * 16), (1, "a" * 16)], at=NOON)
    again = nonces.use([(1, "a" * 16), (1, "b" * 16)], at=NOON)

    assert first == {(1, "a" * 16), (2, "a" * 16)}
    assert again == {(1, "b" * 16)}
