"""Lists in pages: `?after=&limit=`, answered by `items` and the cursor of the next page.

A cursor is sealed: it tells nobody how many rows there are, and works only in the list and for the
caller that it was made for.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from django.utils.translation import gettext_lazy as _

from api.callers import Signer
from api.fields import Shape, Text, Whole
from integration import limits
from kit import sealing
from kit.errors import DomainError

MAX_LIMIT = limits.PAGE_ITEMS
DEFAULT_LIMIT = 50
MAX_CURSOR = 200

Row = TypeVar("Row")


class CursorInvalid(DomainError):
    code = "cursor_invalid"
    text = _("“after” is no cursor of this list.")


class PageQuery(Shape):
    """Which page of a list."""

    after = Text(
        max_length=MAX_CURSOR,
        required=False,
        help_text=_("The `next` of the page before; the first page without it."),
    )
    limit = Whole(
        min_value=1,
        max_value=MAX_LIMIT,
        default=DEFAULT_LIMIT,
        help_text=_("How many items at the most."),
    )


def position(query: dict[str, Any], *, of: str, caller: Signer, size: int = 1) -> list[int] | None:
    """Return the numbers that a cursor holds, or None for the first page.

    :raises CursorInvalid: it was not made for this list and this caller.
    """
    text = query.get("after")
    if text is None:
        return None
    try:
        sealed = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        name, owner, *numbers = sealing.unseal(sealed).split(":")
    except (ValueError, KeyError, binascii.Error, InvalidTag):
        raise CursorInvalid(pointer="/after") from None
    if (name, owner) != (of, caller.owner) or len(numbers) != size:
        raise CursorInvalid(pointer="/after")
    return [int(number) for number in numbers]


def page(
    rows: Sequence[Row],
    items: Sequence[Any],
    *,
    limit: int,
    of: str,
    caller: Signer,
    place: Callable[[Row], Sequence[int]],
) -> dict[str, Any]:
    """Return a page of `items`, shown from the first `limit` rows; one row more means: go on.

    `place` says where a row stands, as `position` will return it.
    """
    following = None
    if len(rows) > limit:
        numbers = ":".join(str(number) for number in place(rows[limit - 1]))
        sealed = sealing.seal(f"{of}:{caller.owner}:{numbers}")
        following = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    return {"items": list(items), "next": following}
