"""A simulated carrier: it pushes what becomes of parcels, signed, by real HTTP."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

from huopan_client import signing
from orders.models import Shipment, ShipmentState
from orders.tracking import MAX_HEARD

PATH = "/api/v1/carrier/tracks"
ANSWER_SECONDS = 30
# What the carrier may still say something of.
UNDER_WAY = (ShipmentState.IN_TRANSIT, ShipmentState.EXCEPTION, ShipmentState.RETURNING)
# How a parcel may fare.
JOURNEYS = {
    "delivered": ("picked_up", "in_transit", "out_for_delivery", "delivered"),
    "exception": ("picked_up", "in_transit", "exception"),
    "refused": ("picked_up", "in_transit", "out_for_delivery", "refused", "returning"),
    "returned": ("picked_up", "in_transit", "refused", "returning", "returned"),
}
SAID = {
    "picked_up": ("快件已揽收", "始发网点"),
    "in_transit": ("快件离开转运中心，发往下一站", "转运中心"),
    "out_for_delivery": ("快件正在派送途中，请保持电话畅通", "派送网点"),
    "delivered": ("快件已签收，签收人：本人", "派送网点"),
    "exception": ("快件破损，已登记待处理", "转运中心"),
    "refused": ("收件人拒收", "派送网点"),
    "returning": ("快件退回途中", "转运中心"),
    "returned": ("快件已退回发件方", "始发网点"),
}

Track = dict[str, Any]


class Unexpected(Exception):
    """The server answered something else than what was expected."""


@dataclass(frozen=True)
class Carrier:
    """Who knows the secret that carriers share with the platform."""

    url: str
    secret: str
    session: requests.Session = field(default_factory=requests.Session)

    def push(self, tracks: Sequence[Track]) -> list[dict[str, Any]]:
        """Send scans, as many requests as it takes; return what became of each, in order.

        :raises Unexpected: the server refused a whole request.
        """
        items: list[dict[str, Any]] = []
        for first in range(0, len(tracks), MAX_HEARD):
            items += self._send(tracks[first : first + MAX_HEARD])
        return items

    def _send(self, tracks: Sequence[Track]) -> list[dict[str, Any]]:
        body = json.dumps({"tracks": tracks}, ensure_ascii=False).encode()
        said = self.session.post(
            self.url + PATH,
            data=body,
            headers=self._headers(body),
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
        if said.status_code != 200:
            raise Unexpected(f"{said.status_code}: {said.text[:600]}")
        items: list[dict[str, Any]] = said.json()["items"]
        return items

    def _headers(self, body: bytes) -> dict[str, str]:
        """Sign as docs/api/carrier-tracks.md says."""
        timestamp = str(int(time.time()))
        signature = signing.signature(
            secret=self.secret, method="POST", target=PATH, timestamp=timestamp, nonce="", body=body
        )
        return {
            "Content-Type": "application/json",
            "Huopan-Timestamp": timestamp,
            "Huopan-Signature": signature,
        }


def open_carrier(url: str, secret: str) -> Carrier:
    """Return a carrier that calls the server itself, past any proxy of the environment."""
    carrier = Carrier(url.rstrip("/"), secret)
    carrier.session.trust_env = False
    return carrier


def tracks_of(
    parcels: Iterable[Shipment], *, end: str, at: datetime, steps: int | None = None
) -> list[Track]:
    """Return what is still to be said of parcels until they have fared so: all, or the next steps."""
    return [track for parcel in parcels for track in _tracks(parcel, end, at, steps)]


def _tracks(parcel: Shipment, end: str, at: datetime, steps: int | None) -> list[Track]:
    said = set(parcel.scans.filter(tracking_no=parcel.tracking_no).values_list("status", flat=True))
    left = [status for status in JOURNEYS[end] if status not in said][:steps]
    since = max(parcel.shipped_at, parcel.scanned_at or parcel.shipped_at)
    # Spread over the time that has passed, the last of them now.
    pace = max(at - since, at - at) / max(1, len(left))
    return [
        {
            "carrier_code": parcel.carrier_code,
            "tracking_no": parcel.tracking_no,
            "status": status,
            "scanned_at": (since + pace * place).isoformat(),
            "text": SAID[status][0],
            "place": SAID[status][1],
        }
        for place, status in enumerate(left, 1)
    ]
