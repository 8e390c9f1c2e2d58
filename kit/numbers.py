"""Public numbers: readable on the telephone, and unguessable."""

import secrets
from datetime import datetime

from django.utils import timezone

# Crockford's base 32 without the letters that are read as digits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 32 divides 256, so every letter is as likely as any other.
_LETTER_OF_BYTE = ALPHABET.encode() * 8


def unguessable(length: int) -> str:
    """Return `length` random characters of 5 bits each."""
    return secrets.token_bytes(length).translate(_LETTER_OF_BYTE).decode()


def day_prefix(prefix: str, at: datetime) -> str:
    """Return what the numbers of one day (in Shanghai) begin with: `H261122-`."""
    return f"{prefix}{timezone.localtime(at):%y%m%d}-"
