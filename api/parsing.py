"""Reading JSON strictly: what is ambiguous in other readers is refused here."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

import msgspec
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from kit.errors import DomainError

MAX_DEPTH = 10
_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))


class JsonMalformed(DomainError):
    code = "json_malformed"
    text = _("The body is not valid JSON: {reason}.")


class JsonDuplicateKey(DomainError):
    code = "json_duplicate_key"
    text = _("The key “{key}” stands twice in one object.")


class JsonNumberNotWhole(DomainError):
    code = "json_number_not_whole"
    text = _("“{number}” is no whole number; amounts are in fen, quantities in pieces.")


class JsonTooDeep(DomainError):
    code = "json_too_deep"
    text = _("The body is nested more than {limit} levels deep.")


class ContentEncodingUnsupported(DomainError):
    code = "content_encoding_unsupported"
    text = _("Send the body as it is, not encoded as “{encoding}”.")


class StrictJSONParser(BaseParser):
    """Hands `decode` the body of a request that says it is JSON."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body holds.

        :raises ContentEncodingUnsupported: it is compressed.
        """
        refuse_encoded(parser_context)
        return decode(stream.read())


def refuse_encoded(parser_context: Mapping[str, Any] | None) -> None:
    """Take a body only as it is.

    :raises ContentEncodingUnsupported: the request says that it is compressed.
    """
    request = (parser_context or {}).get("request")
    encoding = request.headers.get("Content-Encoding", "") if request is not None else ""
    if encoding not in ("", "identity"):
        raise ContentEncodingUnsupported(encoding=encoding)


def decode(body: bytes) -> Any:
    """Return what a JSON text holds: whole numbers only, every key of an object once.

    :raises JsonMalformed: it is no JSON in UTF-8.
    :raises JsonDuplicateKey: an object has a key twice.
    :raises JsonNumberNotWhole: a number has a fraction or an exponent, or is NaN or Infinity.
    :raises JsonTooDeep: it is nested deeper than MAX_DEPTH.
    """
    if (found := _plain(body)) is not None:
        return found
    try:
        found = _DECODER.decode(body.decode())
    except RecursionError:
        raise JsonTooDeep(limit=MAX_DEPTH) from None
    except ValueError as error:
        raise JsonMalformed(reason=str(error)) from None
    if not _is_plainly_shallow(body) and _is_deeper(found, MAX_DEPTH):
        raise JsonTooDeep(limit=MAX_DEPTH)
    return found


def _plain(body: bytes) -> Any:
    """Return what a compact JSON text holds, or None where only a closer look can tell.

    What comes out as it went in, to the byte, had no key twice. Most clients write like that.
    """
    try:
        found = _PLAIN_DECODER.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not _is_plainly_shallow(body) or msgspec.json.encode(found) != body:
        return None
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _value in pairs]
        raise JsonDuplicateKey(key=next(key for key in keys if keys.count(key) > 1))
    return found


def _not_whole(number: str) -> NoReturn:
    raise JsonNumberNotWhole(number=number[:40])


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_not_whole, parse_constant=_not_whole
)
_PLAIN_DECODER = msgspec.json.Decoder(float_hook=_not_whole)


def _is_plainly_shallow(body: bytes) -> bool:
    """Tell from the brackets alone; a body with brackets in its texts may need a closer look."""
    brackets = body.translate(None, _NOT_BRACKETS)
    for _level in range(MAX_DEPTH):
        # Each round takes the innermost level away.
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return not brackets


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    if levels == 0:
        return True
    inner = value.values() if isinstance(value, dict) else value
    return any(_is_deeper(item, levels - 1) for item in inner)
