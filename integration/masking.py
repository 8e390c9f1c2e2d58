"""Blotting out of a body what no log may hold: consumers' data, bank accounts, secrets.

The text is otherwise left as it came, spaces and order included, and may be cut off anywhere: who
looks for a fault in it must see what was sent.
"""

import json
import re
from functools import lru_cache

STARS = '"***"'
# Fields whose content is never kept, wherever they stand: their names hold one of these words. What
# a shop names wrongly is private all the same.
PRIVATE = re.compile(
    "account_no|bank_account|address|id_?card|mobile|passw|payee|payer|phone|recipient|remark|secret"
    "|telephone|token"
)
# Of what is in these, nothing is kept but regions.
PERSONAL = re.compile("buyer|consignee|consumer|contact|customer|receiver")
REGIONS = frozenset({"province", "city", "district"})
MAX_KEY = 64
OPENING = "{["
EMPTY = '""'
CONTENT, ALONE = 2, 3
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_NUMBER = r"-?\d[\d.eE+-]*+"
# The name of a field and, unless it holds more than one, its content; a content alone; a bracket.
_TOKEN = re.compile(
    rf"({_STRING})\s*+:\s*+(?:((?:{_STRING})(?!\s*+:)|{_NUMBER}))?"
    rf"|({_STRING}|{_NUMBER})"
    r"|([{}\[\]])",
    re.DOTALL,
)
# A secret is known by its beginning, in whatever field it stands.
SECRETS = ("hps_", "whsec_")
_SECRET = re.compile(rf"\b({'|'.join(SECRETS)})[A-Za-z0-9_+/=-]{{6,}}")


class Kind:
    """What the name of a field says; several at once are added up."""

    PLAIN = 0
    PRIVATE = 1
    PERSONAL = 2
    REGION = 4


def masked(text: str, *, is_personal: bool = False) -> str:
    """Return JSON text with private texts as stars; all of it but regions where it is personal.

    >>> masked('{"consignee": {"name": "Zhang", "city": "Shenzhen"}, "name": "Tea"}')
    '{"consignee": {"name": "***", "city": "Shenzhen"}, "name": "Tea"}'
    """
    parts: list[str] = []
    end = 0
    # What the field says that we are in, and what those say together that it lies in.
    field, around = _kind('"consignee"') if is_personal else Kind.PLAIN, Kind.PLAIN
    above: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text):
        name, content, alone, bracket = token.groups()
        if name:
            field = _kind(name)
        if bracket is None:
            group = CONTENT if name else ALONE
            if (content or alone or EMPTY) != EMPTY and _is_private(field, around):
                parts += [text[end : token.start(group)], STARS]
                end = token.end()
        elif bracket in OPENING:
            above.append((field, around))
            around |= field
        elif above:
            field, around = above.pop()
    kept = "".join([*parts, text[end:]])
    if any(beginning in kept for beginning in SECRETS):
        return _SECRET.sub(r"\g<1>***", kept)
    return kept


def _is_private(field: int, around: int) -> bool:
    """Tell whether nothing may be kept of what stands in a field."""
    both = field | around
    return bool(both & Kind.PRIVATE or (both & Kind.PERSONAL and not field & Kind.REGION))


# The same few hundred names come in every body.
@lru_cache(maxsize=4_096)
def _kind(mark: str) -> int:
    """Return what the name of a field, as it was written, says about what is in it."""
    name = _name(mark)
    kind = Kind.PLAIN
    if PRIVATE.search(name):
        kind |= Kind.PRIVATE
    if PERSONAL.search(name):
        kind |= Kind.PERSONAL
    if name in REGIONS:
        kind |= Kind.REGION
    return kind


def _name(mark: str) -> str:
    """Return a field's name, also where its letters were written as escapes."""
    name = mark[1:-1]
    if "\\" in name:
        try:
            name = str(json.loads(mark))
        except ValueError:
            return name
    return name[:MAX_KEY].lower()
