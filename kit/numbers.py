"""Public numbers: readable on the telephone, and unguessable."""

import secrets
from datetime import datetime

from django.utils import timezone

# Crockford's base 32 without the letters that are read as digits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def unguessable(length: int) -> str:
    """Return `length` random characters of 5 bits each."""
    # 32 divides 256, so every letter is as likely as any other.
    return "".join([ALPHABET[byte & 31] for byte in secrets.token_bytes(length)])


def dated(prefix: str, at: datetime) -> str:
    """Return a number such as `H261122-7K3M9QX2A4BC`: the day in Shanghai and 60 random bits."""
    return day_prefix(prefix, at) + unguessable(12)


def day_prefix(prefix: str, at: datetime) -> str:
    """Return what the numbers of one day begin with."""
    return f"{prefix}{timezone.localtime(at):%y%m%d}-"
