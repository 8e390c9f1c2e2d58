"""How partners' machines are known and told: keys, addresses, events, and calls back."""

from integration.models.callbacks import (
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from integration.models.events import Event
from integration.models.partners import ApiKey, KeyState, Nonce, Partner, Side

__all__ = [
    "ApiKey",
    "Attempt",
    "Delivery",
    "DeliveryState",
    "Endpoint",
    "EndpointState",
    "Event",
    "KeyState",
    "Nonce",
    "Partner",
    "Side",
]
