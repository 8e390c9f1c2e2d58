"""Diagnosing a signature: what we would have signed, where theirs differs, and which mistake that is.

A wrong signature cannot be read, but it can be guessed at: every usual mistake is made on purpose,
and the one whose signature is the given one was theirs.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from integration.signing_requests import FORMS, NONCE, SIGNATURE, TIMESTAMP, WINDOW_SECONDS, sign

PREFIX = "/api/v1"
SHOWN_OF_A_FRESH_SIGNATURE = 19
MILLISECONDS_DIGITS = 13
MAX_WRITTEN_ANEW = 100_000


@dataclass(frozen=True)
class Pasted:
    """A request as somebody says it was sent; `headers` by their names in lower case."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    host: str = ""

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True)
class Signed:
    """The six lines of the string to sign, and how they are joined."""

    method: str
    path: str
    query: str
    timestamp: str
    nonce: str
    digest: str
    joint: str = "\n"
    end: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the lines in their order."""
        return (self.method, self.path, self.query, self.timestamp, self.nonce, self.digest)

    @property
    def text(self) -> str:
        """Return the string."""
        return self.joint.join(self.lines) + self.end


@dataclass(frozen=True)
class Difference:
    """The first byte in which two strings differ; `ours` or `theirs` is empty where one has ended."""

    position: int
    line: int
    column: int
    ours: bytes
    theirs: bytes
    cause: str


@dataclass(frozen=True)
class Diagnosis:
    """What was found. Causes are codes; `expected` is cut short while it could still be used."""

    signed: Signed
    given: str
    expected: str
    is_right: bool
    is_whole: bool
    cause: str = ""
    difference: Difference | None = None
    faults: Sequence[str] = field(default_factory=list)
    skew_seconds: int | None = None


def diagnose(
    pasted: Pasted,
    *,
    secrets: Sequence[bytes],
    others: Sequence[bytes] = (),
    theirs: str = "",
    at: datetime,
    digest: str = "",
) -> Diagnosis:
    """Compare a request's signature with the right one, by a key's secrets.

    `others` are secrets of the same distributor's other keys; `theirs` is the string that was signed,
    where it is known; `at` is when the request was sent; `digest` stands in for a body that is not
    at hand.
    """
    signed = _signed(pasted, digest)
    given = pasted.header(SIGNATURE)
    right = [sign(secret, _raw(signed.text)) for secret in secrets]
    is_right = any(hmac.compare_digest(one, _plain(given)) for one in right)
    may_show = is_right or _is_over(signed.timestamp, at)
    return Diagnosis(
        signed=signed,
        given=given,
        expected=right[0] if may_show else right[0][:SHOWN_OF_A_FRESH_SIGNATURE],
        is_right=is_right,
        is_whole=may_show,
        cause="" if is_right or not given else _cause(pasted, signed, given, secrets, others),
        difference=_difference(pasted, signed, theirs) if theirs else None,
        faults=list(_faults(pasted)),
        skew_seconds=_skew(signed.timestamp, at),
    )


def _signed(pasted: Pasted, digest: str) -> Signed:
    return Signed(
        method=pasted.method.upper(),
        path=pasted.path,
        query=pasted.query,
        timestamp=pasted.header(TIMESTAMP),
        nonce=pasted.header(NONCE),
        digest=digest or hashlib.sha256(pasted.body).hexdigest(),
    )


def _is_over(timestamp: str, at: datetime) -> bool:
    """Tell whether nobody can use a signature of that time any more."""
    skew = _skew(timestamp, at)
    # What was signed for later becomes good in time; only the past is over.
    return skew is not None and skew < -WINDOW_SECONDS and len(timestamp) < MILLISECONDS_DIGITS


def _skew(timestamp: str, at: datetime) -> int | None:
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > MILLISECONDS_DIGITS:
        return None
    seconds = int(timestamp)
    if len(timestamp) == MILLISECONDS_DIGITS:
        seconds //= 1000
    return seconds - int(at.timestamp())


def _faults(pasted: Pasted) -> Iterator[str]:
    """Name what is wrong before any signature is looked at."""
    for name, form in FORMS.items():
        value = pasted.header(name)
        if not value:
            yield f"missing:{name}"
        elif not form.fullmatch(value):
            yield f"form:{name}"
    if len(pasted.header(TIMESTAMP)) == MILLISECONDS_DIGITS:
        yield "milliseconds"
    for name in pasted.headers:
        if _is_nearly_ours(name):
            yield f"name:{name}"
    if not pasted.path.startswith(PREFIX + "/"):
        yield "prefix"
    if pasted.method != pasted.method.upper():
        yield "method"
    yield from _body_faults(pasted)


def _body_faults(pasted: Pasted) -> Iterator[str]:
    media_type = pasted.header("content-type").partition(";")[0].strip().lower()
    if not pasted.body or media_type.startswith("multipart/"):
        return
    if media_type != "application/json":
        yield "content_type"
    if _read(pasted.body) is None:
        yield "json"


def _read(body: bytes) -> list[Any] | None:
    """Return what JSON says, as the only item of a list; None where it is none."""
    try:
        return [json.loads(body)]
    except (ValueError, RecursionError):
        return None


def _is_nearly_ours(name: str) -> bool:
    plain = name.lower().replace("_", "-").removeprefix("x-")
    ours = {one.lower() for one in FORMS}
    return name.lower() not in ours and (
        plain in ours
        or plain.startswith("huopan-")
        or plain in {one.removeprefix("huopan-") for one in ours} - {"key"}
    )


def _cause(
    pasted: Pasted,
    signed: Signed,
    given: str,
    secrets: Sequence[bytes],
    others: Sequence[bytes],
) -> str:
    """Return the code of the mistake that makes this signature, or nothing where none does."""
    wanted = _plain(given)
    for cause, text in _mistakes(pasted, signed):
        if any(_fits(secret, text, wanted) for secret in secrets):
            return cause
    for cause, secret in _secrets(secrets, others):
        if _fits(secret, signed.text, wanted):
            return cause
    return ""


def _fits(secret: bytes, text: str, wanted: str) -> bool:
    return hmac.compare_digest(sign(secret, _raw(text)), wanted)


def _secrets(secrets: Sequence[bytes], others: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    for secret in secrets:
        yield "secret_prefix", secret.removeprefix(b"hps_")
        yield "secret_newline", secret + b"\n"
        yield "secret_hashed", hashlib.sha256(secret).hexdigest().encode()
    for secret in others:
        yield "secret_other", secret


def _mistakes(pasted: Pasted, signed: Signed) -> Iterator[tuple[str, str]]:
    """Make every usual mistake, one at a time; yield its code and the string it signs."""
    for cause, wrong in (*_of_joints(signed), *_of_lines(pasted, signed)):
        if wrong.text != signed.text:
            yield cause, wrong.text
    for cause, body in _bodies(pasted.body):
        yield cause, replace(signed, digest=hashlib.sha256(body).hexdigest()).text
    if not signed.query:
        yield "no_query_line", signed.text.replace("\n\n", "\n", 1)
    yield "body_itself", replace(signed, digest=pasted.body.decode(errors="replace")).text


def _of_joints(signed: Signed) -> Iterator[tuple[str, Signed]]:
    yield "newline_at_end", replace(signed, end="\n")
    yield "windows_newlines", replace(signed, joint="\r\n")
    yield "no_newlines", replace(signed, joint="")
    yield "no_newlines", replace(signed, joint="&")
    yield "no_newlines", replace(signed, joint="\\n")


def _of_lines(pasted: Pasted, signed: Signed) -> Iterator[tuple[str, Signed]]:
    path, query, timestamp = signed.path, signed.query, signed.timestamp
    yield "method", replace(signed, method=signed.method.lower())
    yield "prefix", replace(signed, path=path.removeprefix(PREFIX))
    yield "prefix", replace(signed, path=PREFIX + path)
    yield "prefix", replace(signed, path=path.removeprefix("/"))
    for scheme in ("https://", "http://"):
        yield "whole_address", replace(signed, path=scheme + pasted.host + path)
    yield "decoded", replace(signed, path=unquote(path))
    yield "slash", replace(signed, path=path.rstrip("/"))
    yield "slash", replace(signed, path=path + "/")
    yield "query_order", replace(signed, query="&".join(sorted(query.split("&"))))
    yield "query_decoded", replace(signed, query=unquote(query))
    yield "query_decoded", replace(signed, query=unquote(query.replace("+", " ")))
    yield "query_mark", replace(signed, query="?" + query)
    yield "query_in_path", replace(signed, path=f"{path}?{query}", query="")
    yield "query_left_out", replace(signed, query="")
    if timestamp.isascii() and timestamp.isdigit():
        yield "milliseconds", replace(signed, timestamp=timestamp + "000")
        yield "milliseconds", replace(signed, timestamp=timestamp[:-3])
    yield "digest_case", replace(signed, digest=signed.digest.upper())
    if pasted.body:
        yield "body_left_out", replace(signed, digest=hashlib.sha256(b"").hexdigest())
        yield "body_left_out", replace(signed, digest="")
    encoded = base64.b64encode(hashlib.sha256(pasted.body).digest()).decode()
    yield "digest_base64", replace(signed, digest=encoded)


def _bodies(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what may have been signed in the place of the body that was sent."""
    yield "body_newline", body.rstrip(b"\r\n")
    yield "body_newline", body + b"\n"
    yield "body_newline", body + b"\r\n"
    yield "body_windows", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield "body_mark", b"\xef\xbb\xbf" + body
    if not body:
        yield "body_empty_object", b"{}"
        yield "body_empty_object", b"null"
        return
    read = _read(body)
    if read is not None and len(body) <= MAX_WRITTEN_ANEW:
        for again in _written_anew(read[0]):
            yield "body_written_anew", again.encode(errors="replace")


def _written_anew(value: Any) -> Iterator[str]:
    """Yield the usual ways of writing a value as JSON."""
    for separators in ((",", ":"), (", ", ": ")):
        for is_ascii in (False, True):
            for is_sorted in (False, True):
                again = json.dumps(
                    value, ensure_ascii=is_ascii, separators=separators, sort_keys=is_sorted
                )
                yield again
                # As PHP writes it.
                yield again.replace("/", r"\/")
    yield json.dumps(value, ensure_ascii=False, indent=2)


def _difference(pasted: Pasted, signed: Signed, theirs: str) -> Difference | None:
    ours_bytes, their_bytes = signed.text.encode(errors="replace"), theirs.encode(errors="replace")
    if ours_bytes == their_bytes:
        return None
    position = _first_difference(ours_bytes, their_bytes)
    before = ours_bytes[:position]
    line = before.count(b"\n") + 1
    return Difference(
        position=position + 1,
        line=line,
        column=position - (before.rfind(b"\n") + 1) + 1,
        ours=ours_bytes[position : position + 1],
        theirs=their_bytes[position : position + 1],
        cause=_named(pasted, signed, theirs) or f"line_{min(line, 6)}",
    )


def _first_difference(one: bytes, other: bytes) -> int:
    shorter = min(len(one), len(other))
    return next((place for place in range(shorter) if one[place] != other[place]), shorter)


def _named(pasted: Pasted, signed: Signed, theirs: str) -> str:
    return next((cause for cause, text in _mistakes(pasted, signed) if text == theirs), "")


def _plain(given: str) -> str:
    """Return a signature as it ought to be written."""
    value = given.strip().removeprefix("v1=").strip()
    if len(value) == 44:
        with suppress(ValueError):
            value = base64.b64decode(value, validate=True).hex()
    # Compared as ASCII, whatever was pasted.
    return "v1=" + value.lower().encode("ascii", "replace").decode()


def _raw(text: str) -> str:
    """Return text as the bytes of a request line reach us."""
    return text if text.isascii() else text.encode(errors="replace").decode("latin-1")
