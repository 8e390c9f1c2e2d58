"""Rendering the documents of docs/api: the little of Markdown that they use, everything else escaped."""

import re
from collections.abc import Callable, Iterator
from html import escape

# Where a link of a document leads to here; None: to nothing that is shown here.
Target = Callable[[str], str | None]

FENCE = "```"
BULLET, NUMBER = re.compile(r"- "), re.compile(r"\d+\. ")
HEADING = re.compile(r"(#{1,4}) (.*)")
RULE = re.compile(r"\|[-| :]+\|")
# A piece of code, a link, or bold words: whatever begins first.
INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\[(?P<words>[^\]]+)\]\((?P<to>[^)]+)\)|\*\*(?P<bold>[^*]+)\*\*"
)


def halves(text: str) -> list[str]:
    """Split a document where its other language begins: at its second title."""
    is_code, parts = False, [""]
    for line in text.splitlines(keepends=True):
        is_code ^= line.startswith(FENCE)
        if line.startswith("# ") and not is_code and parts[-1].strip():
            parts.append("")
        parts[-1] += line
    return parts


def html(text: str, target: Target) -> str:
    """Render a document."""
    lines = [line for line in text.splitlines() if not line.startswith("<!--")]
    return "\n".join(_blocks(lines, target))


def slug(title: str) -> str:
    """Return by which name a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def _blocks(lines: list[str], target: Target) -> Iterator[str]:
    while lines:
        line = lines[0]
        if not line.strip():
            lines.pop(0)
        elif line.startswith(FENCE):
            yield _code(lines)
        elif found := HEADING.match(line):
            lines.pop(0)
            level = len(found[1])
            name = escape(slug(found[2]))
            yield f'<h{level} id="{name}">{_inline(found[2], target)}</h{level}>'
        elif line.startswith("|"):
            yield _table(lines, target)
        elif BULLET.match(line):
            yield _list("ul", BULLET, lines, target)
        elif NUMBER.match(line):
            yield _list("ol", NUMBER, lines, target)
        else:
            yield f"<p>{_inline(_paragraph(lines), target)}</p>"


def _code(lines: list[str]) -> str:
    lines.pop(0)
    held = []
    while lines and not lines[0].startswith(FENCE):
        held.append(lines.pop(0))
    if lines:
        lines.pop(0)
    text = escape("\n".join(held))
    return f"<pre><code>{text}</code></pre>"


def _table(lines: list[str], target: Target) -> str:
    rows = []
    while lines and lines[0].startswith("|"):
        line = lines.pop(0)
        if not RULE.fullmatch(line):
            rows.append([_inline(cell, target) for cell in _cells(line)])
    head, *body = rows
    shown = "".join(f"<tr>{_row('td', row)}</tr>" for row in body)
    return f"<table><thead><tr>{_row('th', head)}</tr></thead><tbody>{shown}</tbody></table>"


def _cells(line: str) -> list[str]:
    """Split a row at its bars, but for those that are escaped."""
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [cell.replace("\\|", "|").strip() for cell in cells]


def _row(tag: str, cells: list[str]) -> str:
    return "".join(f"<{tag}>{cell}</{tag}>" for cell in cells)


def _list(tag: str, mark: re.Pattern[str], lines: list[str], target: Target) -> str:
    items: list[str] = []
    while lines and (mark.match(lines[0]) or (lines[0].startswith("  ") and lines[0].strip())):
        line = lines.pop(0)
        if mark.match(line):
            items.append(mark.sub("", line, count=1))
        else:
            items[-1] = _joined(items[-1], line)
    shown = "".join(f"<li>{_inline(item, target)}</li>" for item in items)
    return f"<{tag}>{shown}</{tag}>"


def _paragraph(lines: list[str]) -> str:
    text = lines.pop(0)
    while lines and lines[0].strip() and not _begins_block(lines[0]):
        text = _joined(text, lines.pop(0))
    return text


def _begins_block(line: str) -> bool:
    return line.startswith((FENCE, "|")) or any(
        mark.match(line) for mark in (HEADING, BULLET, NUMBER)
    )


def _joined(text: str, line: str) -> str:
    """Join a wrapped line: by a blank, but between Chinese letters."""
    more = line.strip()
    is_chinese = text[-1:] > "\u2e7f" or more[:1] > "\u2e7f"
    return text + ("" if is_chinese else " ") + more


def _inline(text: str, target: Target) -> str:
    shown, end = [], 0
    for found in INLINE.finditer(text):
        shown.append(escape(text[end : found.start()]))
        shown.append(_piece(found, target))
        end = found.end()
    return "".join([*shown, escape(text[end:])])


def _piece(found: re.Match[str], target: Target) -> str:
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    if found["bold"]:
        return f"<strong>{_inline(found['bold'], target)}</strong>"
    words = _inline(found["words"], target)
    to = target(found["to"])
    return words if to is None else f'<a href="{escape(to)}">{words}</a>'
