"""Rendering documents of ours, as docs/api: CommonMark with tables, and no markup of their own."""

import re
from collections.abc import Callable

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Where a link of a document leads to here; None: to nothing that is shown here.
Target = Callable[[str], str | None]

# For whoever reads the file as a whole: remarks, and the way from one language to the other.
_ASIDE = re.compile(r"<!--[^>]*-->\n?|^English below: .*\n?", re.MULTILINE)
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def parts(text: str) -> list[str]:
    """Split a document at its titles, where another language begins, and leave asides out."""
    text = _ASIDE.sub("", text)
    lines = text.splitlines(keepends=True)
    tokens = _MARKDOWN.parse(text)
    titles = [token.map[0] for token in tokens if _is_title(token) and token.map]
    ends = [*titles[1:], len(lines)]
    return ["".join(lines[start:end]) for start, end in zip(titles, ends, strict=True)]


def in_language(text: str, language: str) -> str:
    """Return what a reader of a language reads of a document.

    Chinese comes first, then English, then what is the same in both.
    """
    found = parts(text)
    own = found[1:2] if language.startswith("en") and len(found) > 1 else found[:1]
    return "".join([*own, *found[2:]])


def title(text: str) -> str:
    """Return the title that a document begins with."""
    return text.lstrip("# ").partition("\n")[0]


def html(text: str, target: Target) -> str:
    """Render a document."""
    tokens = _MARKDOWN.parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slugify(tokens[place + 1].content, allow_unicode=True))
        token.children = _linked(token.children or [], target)
    rendered: str = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return rendered


def _is_title(token: Token) -> bool:
    return token.type == "heading_open" and token.tag == "h1"


def _linked(tokens: list[Token], target: Target) -> list[Token]:
    """Lead links to what is shown here; of the others the words remain."""
    kept, is_dead = [], False
    for token in tokens:
        if token.type == "link_open":
            address = target(str(token.attrGet("href") or ""))
            is_dead = address is None
            if address is not None:
                token.attrSet("href", address)
        elif token.type == "image":
            continue
        if not (is_dead and token.type in ("link_open", "link_close")):
            kept.append(token)
    return kept
