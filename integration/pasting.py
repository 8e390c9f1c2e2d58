"""Reading a request that somebody pasted: as it goes over the wire, or as a curl command."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from integration.diagnosing import Pasted
from kit.errors import DomainError

MAX_TEXT = 200_000
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
_FIRST_LINE = re.compile(r"(?i)(GET|POST|PUT|DELETE|PATCH|HEAD)\s+(\S+)(?:\s+HTTP/[\d.]+)?\s*")
# What bash writes as $'…': browsers copy a body so when it holds line ends or quotes.
_ANSI_STRING = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ANSI_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_WITH_VALUE = frozenset(
    {
        "-A", "-b", "-c", "-e", "-m", "-o", "-u", "-w", "-x", "--cacert", "--cert",
        "--connect-timeout", "--cookie", "--key", "--max-time", "--output", "--proxy", "--referer",
        "--retry", "--user", "--user-agent", "--write-out",
    }
)  # fmt: skip
_DATA = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})


class PasteUnreadable(DomainError):
    code = "paste_unreadable"
    text = _(
        "This is neither an HTTP request nor a curl command. Begin with a line such as"
        " POST /api/v1/orders, then the headers, an empty line, and the body."
    )


def read(text: str) -> Pasted:
    """Return the request that a text shows.

    :raises PasteUnreadable: it shows none.
    """
    # A browser sends every line end of a form as two characters.
    plain = text[:MAX_TEXT].replace("\r\n", "\n").lstrip()
    if plain.startswith(("curl ", "curl\t", "curl.exe ")):
        return _from_curl(plain)
    first, _end, rest = plain.partition("\n")
    match = _FIRST_LINE.fullmatch(first.strip())
    if match is None:
        raise PasteUnreadable
    head, _end, body = rest.partition("\n\n")
    if rest.startswith("\n"):
        head, body = "", rest[1:]
    return from_parts(
        method=match[1], url=match[2], headers=dict(_headers(head.split("\n"))), body=body
    )


def from_parts(*, method: str, url: str, headers: Mapping[str, str], body: str) -> Pasted:
    """Return a request of these parts; the address may be whole or begin with its path."""
    target, host = url.strip(), headers.get("host", "")
    if "://" in target:
        parts = urlsplit(target)
        host = parts.netloc
        target = target.partition("://")[2].removeprefix(parts.netloc) or "/"
    path, _mark, query = target.partition("#")[0].partition("?")
    return Pasted(
        method=method.strip(),
        path=path,
        query=query,
        body=body.encode(errors="replace"),
        headers=headers,
        host=host,
    )


def string_of(text: str) -> str:
    """Return the string that somebody signed, from a paste of it or of an answer that holds it."""
    plain = text[:MAX_TEXT].replace("\r\n", "\n")
    found = _in_json(plain.strip())
    if found is not None:
        return found
    if "\n" not in plain.strip() and "\\n" in plain:
        return plain.strip().strip('"').replace("\\n", "\n").replace("\\r", "\r")
    return plain


def _in_json(text: str) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        inner = value.get("values")
        holder = inner if isinstance(inner, dict) and "string_to_sign" in inner else value
        value = holder.get("string_to_sign")
    return value if isinstance(value, str) else None


def _headers(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


@dataclass
class _Command:
    """What the words of a curl command have said so far."""

    method: str = ""
    url: str = ""
    headers: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    is_json: bool = False
    is_get: bool = False


def _from_curl(text: str) -> Pasted:
    command = _Command()
    words = _words(text)
    for word in words:
        _take(command, word, words)
    if not command.url:
        raise PasteUnreadable
    headers = dict(_headers(command.headers))
    if command.is_json:
        headers = {"content-type": "application/json", **headers}
    data = "&".join(command.data)
    if command.is_get and data:
        command.url += ("&" if "?" in command.url else "?") + data
        data = ""
    method = command.method or ("POST" if data else "GET")
    return from_parts(method=method, url=command.url, headers=headers, body=data)


def _words(text: str) -> Iterator[str]:
    joined = _ANSI_STRING.sub(lambda found: shlex.quote(_unescaped(found[1])), text)
    try:
        words = shlex.split(joined.replace("\\\n", " ").replace("^\n", " "))
    except ValueError:
        raise PasteUnreadable from None
    yield from words[1:]


def _unescaped(text: str) -> str:
    return _ANSI_ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    sign = found[1]
    if len(sign) > 1:
        return chr(int(sign[1:], 16))
    return _ESCAPES.get(sign, sign)


def _take(command: _Command, word: str, words: Iterator[str]) -> None:
    name, value = _option(word)

    def following() -> str:
        return value or next(words, "")

    if name in ("-X", "--request"):
        command.method = following()
    elif name in ("-H", "--header"):
        command.headers.append(following())
    elif name in _DATA:
        command.is_json |= name == "--json"
        command.data.append(following())
    elif name == "--url":
        command.url = following()
    elif name in ("-G", "--get"):
        command.is_get = True
    elif name in _WITH_VALUE:
        following()
    elif not name.startswith("-"):
        command.url = word


def _option(word: str) -> tuple[str, str]:
    """Split `-XPOST` and `--request=POST` into name and value."""
    if word.startswith("--"):
        name, _equals, value = word.partition("=")
        return name, value
    if word.startswith("-") and len(word) > 2 and word[1] in "XHd":
        return word[:2], word[2:]
    return word, ""
