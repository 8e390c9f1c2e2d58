"""Partners that are called back, and the clock by which that happens."""

from datetime import datetime, timedelta

from django.db import transaction

from integration import endpoints, outbox
from integration.models import Delivery, Partner
from tests.factories import NOON


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **ahead: float) -> None:
        self.at += timedelta(**ahead)


def tell(partner: Partner, *numbers: int, kind: str = "order.placed", at: datetime = NOON) -> None:
    with transaction.atomic():
        outbox.record(
            [outbox.Message(partner.pk, kind, f"H{n}", 1, {"order_no": f"H{n}"}) for n in numbers],
            at=at,
        )
    outbox.stamp()


def call_back(partner: Partner, url: str, *types: str) -> str:
    secret = endpoints.save(partner=partner, url=url, types=types, at=NOON).secret
    assert secret is not None
    return secret


def states_of(partner: Partner) -> dict[int, str]:
    rows = Delivery.objects.filter(endpoint__partner=partner).select_related("event")
    return {int(row.event.seq or 0): row.state for row in rows.order_by("event__seq")}
