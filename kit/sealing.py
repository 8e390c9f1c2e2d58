"""Encryption at rest and keyed hashes, with keys from the environment.

A sealed text is `key id . nonce . ciphertext` (AES-256-GCM); any key of the ring opens it, the first
seals. Rotating is: put a new key first, run `rotate_field_keys`, drop the old one.
"""

import base64
import functools
import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


def seal(text: str) -> bytes:
    """Encrypt a text with the newest key of the ring."""
    key_id, cipher = next(iter(_ring().items()))
    nonce = os.urandom(NONCE_BYTES)
    return key_id.encode() + b"." + nonce + cipher.encrypt(nonce, text.encode(), key_id.encode())


def unseal(sealed: bytes | memoryview) -> str:
    """Decrypt what `seal` made.

    :raises KeyError: the key it was sealed with is no longer on the ring.
    """
    key_id, _, rest = bytes(sealed).partition(b".")
    cipher = _ring()[key_id.decode()]
    return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], key_id).decode()


def keyed_hash(text: str) -> bytes:
    """Return 16 bytes that tell equal texts apart from others to nobody without the key."""
    keyed = _keyed().copy()
    keyed.update(text.encode())
    return keyed.digest()


@functools.cache
def _keyed() -> "hashlib.blake2b":
    # BLAKE2b takes a key of up to 64 bytes; a pepper may be longer.
    key = hashlib.sha256(settings.HASH_KEY.encode()).digest()
    return hashlib.blake2b(digest_size=16, key=key)


@functools.lru_cache(maxsize=4)
def _ciphers(entries: tuple[str, ...]) -> dict[str, AESGCM]:
    pairs = (entry.split(":", 1) for entry in entries)
    return {key_id: AESGCM(base64.b64decode(key)) for key_id, key in pairs}


def _ring() -> dict[str, AESGCM]:
    return _ciphers(tuple(settings.FIELD_KEYS))
