"""How a difference is shown: words that came and went, pictures that were added, removed or moved."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import strip_tags

from supplychain import pictures
from supplychain.content import Change, ChangeKind, Content
from supplychain.models import Picture

# A Chinese character is a word; so is a run of letters or digits, of blanks, and any other sign.
WORDS = re.compile(r"[^\W\u2e80-\u9fff]+|\s+|.", re.DOTALL)
# Longer texts are shown whole, without marks: comparing them would keep the page waiting.
MAX_COMPARED = 6_000
# Fewer equal words between two marks than this, and the marks are one.
MIN_BETWEEN = 2
_TAG = re.compile(r"</(p|div|li|tr|h[1-6])>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text, and whether the other text has it."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture in its place; `mark` is `added`, `removed`, `moved`, or empty."""

    address: str
    large: str
    place: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One change as a review shows it."""

    change: Change
    old_parts: Sequence[Part] = ()
    new_parts: Sequence[Part] = ()
    old_shots: Sequence[Shot] = ()
    new_shots: Sequence[Shot] = ()
    # Of lists: what went, what came.
    gone: Sequence[str] = ()
    come: Sequence[str] = ()


def rows(changes: Sequence[Change], contents: Sequence[Content]) -> list[Row]:
    """Return changes as they are shown; the contents name the pictures."""
    large = _large(contents)
    return [_row(change, large) for change in changes]


def words(old: str, new: str) -> tuple[list[Part], list[Part]]:
    """Return two texts in parts, with what only one of them has marked."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    if not old or not new or len(before) + len(after) > MAX_COMPARED:
        return [Part(old)] if old else [], [Part(new)] if new else []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    olds: list[Part] = []
    news: list[Part] = []
    blocks = [
        one for one in matcher.get_matching_blocks() if one.size >= MIN_BETWEEN or not one.size
    ]
    at_old = at_new = 0
    for block in blocks:
        _add(olds, before[at_old : block.a], is_marked=True)
        _add(news, after[at_new : block.b], is_marked=True)
        _add(olds, before[block.a : block.a + block.size])
        _add(news, after[block.b : block.b + block.size])
        at_old, at_new = block.a + block.size, block.b + block.size
    return olds, news


def shots(
    old: Sequence[str], new: Sequence[str], large: Mapping[str, str]
) -> tuple[list[Shot], list[Shot]]:
    """Return two rows of pictures, with what became of each."""
    kept_before = [one for one in old if one in new]
    kept_after = [one for one in new if one in old]
    matcher = difflib.SequenceMatcher(None, kept_before, kept_after, autojunk=False)
    still = {
        one
        for block in matcher.get_matching_blocks()
        for one in kept_before[block.a : block.a + block.size]
    }
    moved = set(kept_before) - still

    def shown(addresses: Sequence[str], others: Sequence[str], mark: str) -> list[Shot]:
        return [
            Shot(
                one,
                large.get(one, one),
                place,
                mark if one not in others else "moved" if one in moved else "",
            )
            for place, one in enumerate(addresses, 1)
        ]

    return shown(old, new, "removed"), shown(new, old, "added")


def plain(html: str) -> str:
    """Return the text of some HTML, with a line for each block."""
    text = strip_tags(_TAG.sub("\n", html))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _row(change: Change, large: Mapping[str, str]) -> Row:
    old, new = change.old, change.new
    if change.kind == ChangeKind.TEXT:
        return Row(change, *words(str(old or ""), str(new or "")))
    if change.kind == ChangeKind.HTML:
        return Row(change, *words(plain(old or ""), plain(new or "")))
    if change.kind == ChangeKind.PICTURES:
        before, after = shots(old or [], new or [], large)
        return Row(change, old_shots=before, new_shots=after)
    if change.kind == ChangeKind.LIST:
        had, has = old or (), new or ()
        gone = [one for one in had if one not in has]
        return Row(change, gone=gone, come=[one for one in has if one not in had])
    return Row(change)


def _add(parts: list[Part], tokens: Sequence[str], *, is_marked: bool = False) -> None:
    if tokens:
        parts.append(Part("".join(tokens), is_marked))


def _large(contents: Sequence[Content]) -> dict[str, str]:
    """Return the address of each picture by that of its thumbnail."""
    uids = {uid for one in contents for uid in (*one.main_pictures, *one.detail_pictures)}
    found = Picture.objects.filter(uid__in=uids).values_list("thumbnail", "file")
    return {pictures.address(thumbnail): pictures.address(file) for thumbnail, file in found}
