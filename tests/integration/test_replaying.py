"""Telling events again: under their old ids, no more than was asked, and not too many."""

import pytest

from integration import delivering, endpoints, replaying
from integration.models import DeliveryState, Partner
from integration.replaying import Wanted
from kit.errors import NotFound
from tests.factories import NOON
from tests.integration.receivers import Receiver
from tests.integration.shops import Clock, call_back, states_of, tell

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_is_told_again_under_its_old_id(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    call_back(shop, receiver.url)
    tell(shop, 1, 2)
    tell(shop, 3, kind="shipment.created")
    delivering.deliver(now=clock)
    before = {heard.headers["webhook-id"] for heard in receiver.heard}
    receiver.heard.clear()

    wanted = Wanted(types=["order.*"], after_seq=1)
    assert replaying.count(partner=shop, wanted=wanted) == 1
    assert replaying.replay(partner=shop, wanted=wanted, at=NOON) == 1
    delivering.deliver(now=clock)

    assert receiver.seqs == [2]
    assert {heard.headers["webhook-id"] for heard in receiver.heard} < before


def test_what_was_not_wanted_then_can_be_told_now(
    shop: Partner, receiver: Receiver, clock: Clock
) -> None:
    tell(shop, 1, 2)
    call_back(shop, receiver.url)
    delivering.deliver(now=clock)
    assert receiver.heard == []

    replaying.replay(partner=shop, wanted=Wanted(ids=[2]), at=NOON)
    delivering.deliver(now=clock)

    assert receiver.seqs == [2]


def test_too_much_is_not_told_again_at_all(
    shop: Partner, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "MAX_AT_ONCE", 2)
    call_back(shop, receiver.url)
    tell(shop, 1, 2, 3)
    delivering.deliver(now=clock)

    with pytest.raises(replaying.TooManyToReplay) as refused:
        replaying.replay(partner=shop, wanted=Wanted(after_seq=0), at=NOON)

    assert refused.value.values == {"matched": 3, "limit": 2}
    assert set(states_of(shop).values()) == {DeliveryState.DELIVERED}


def test_who_is_not_called_back_has_nothing_to_replay_pause_or_rotate(shop: Partner) -> None:
    with pytest.raises(NotFound):
        replaying.replay(partner=shop, wanted=Wanted(), at=NOON)
    for act in (endpoints.pause, endpoints.resume, endpoints.rotate_secret):
        with pytest.raises(NotFound):
            act(partner=shop, at=NOON)
