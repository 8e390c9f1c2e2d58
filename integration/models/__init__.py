"""How partners' machines are known and told: keys, addresses, events, calls back, and what they asked."""

from integration.models.callbacks import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from integration.models.events import Event
from integration.models.following import Gap, Position
from integration.models.partners import ApiKey, KeyState, Nonce, Partner, Side
from integration.models.requests import ApiRequest, FeedPosition, FirstCall, Usage

__all__ = [
    "ApiKey",
    "ApiRequest",
    "Attempt",
    "Delivery",
    "DeliveryState",
    "Endpoint",
    "EndpointState",
    "Event",
    "FeedPosition",
    "FirstCall",
    "Gap",
    "KeyState",
    "Nonce",
    "Partner",
    "Position",
    "Side",
    "Usage",
]
