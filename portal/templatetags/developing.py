"""What the developer's pages need in templates."""

import unicodedata

from django import template
from django.utils.translation import gettext

register = template.Library()

# What cannot be seen has a name.
NAMES = {b"\n": "\\n", b"\r": "\\r", b"\t": "\\t", b"\0": "\\0"}


@register.filter
def hex(byte: bytes) -> str:  # noqa: A001
    """Show bytes in hex."""
    return byte.hex()


@register.filter
def named(byte: bytes) -> str:
    """Show a byte as text, or by its name where it would not be seen."""
    if byte in NAMES:
        return NAMES[byte]
    if byte == b" ":
        return gettext("(a space)")
    text = byte.decode("ascii", "ignore")
    if not text:
        return gettext("(part of a character outside ASCII)")
    return f"“{text}”" if unicodedata.category(text)[0] != "C" else ""
