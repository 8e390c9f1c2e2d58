"""Public numbers: readable on the telephone, and unguessable."""

import secrets
from datetime import datetime

from django.utils import timezone

# Crockford's base 32 without the letters that are read as digits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def unguessable(length: int) -> str:
    """Return `length` random characters of 5 bits each."""
    bits = secrets.randbits(5 * length)
    return "".join(ALPHABET[bits >> (5 * place) & 31] for place in range(length))


def dated(prefix: str, at: datetime) -> str:
    """Return a number such as `H261122-7K3M9QX2A4BC`: the day in Shanghai and 60 random bits."""
    return f"{prefix}{timezone.localtime(at):%y%m%d}-{unguessable(12)}"
