"""Signing what we call back, as the specification of Standard Webhooks has it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from integration.models import Endpoint
from kit import sealing


def secrets_of(endpoint: Endpoint, at: datetime) -> list[str]:
    """Return the secrets to sign with: the newest, and the former one while it still counts."""
    secrets = [sealing.unseal(endpoint.secret_sealed)]
    if (
        endpoint.former_secret_sealed is not None
        and endpoint.former_until is not None
        and at < endpoint.former_until
    ):
        secrets.append(sealing.unseal(endpoint.former_secret_sealed))
    return secrets


def headers(message_id: str, body: bytes, secrets: Sequence[str], at: datetime) -> dict[str, str]:
    """Return the headers of one call; one signature for each secret."""
    text = body.decode()
    signatures = [Webhook(secret).sign(message_id, at.astimezone(UTC), text) for secret in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "Huopan-Callback/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
