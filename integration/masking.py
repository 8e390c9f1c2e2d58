"""Blotting out of a body what no log may hold: consumers' data, bank accounts, secrets.

The text is otherwise left as it came, spaces and order included, and may be cut off anywhere: who
looks for a fault in it must see what was sent.
"""

import json
import re

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
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]]|-?\d[\d.eE+-]*', re.DOTALL)
# A secret is known by its beginning, in whatever field it stands.
_SECRET = re.compile(r"\b(hps_|whsec_)[A-Za-z0-9_+/=-]{6,}")


def masked(text: str, *, is_personal: bool = False) -> str:
    """Return JSON text with private texts as stars; all of it but regions where it is personal.

    >>> masked('{"consignee": {"name": "Zhang", "city": "Shenzhen"}, "name": "Tea"}')
    '{"consignee": {"name": "***", "city": "Shenzhen"}, "name": "Tea"}'
    """
    parts, end, walk = [], 0, _Walk("consignee" if is_personal else "")
    for token in _TOKEN.finditer(text):
        if walk.is_private(token[0], text[token.end() : token.end() + 20]):
            parts += [text[end : token.start()], STARS]
            end = token.end()
    return _SECRET.sub(r"\g<1>***", "".join([*parts, text[end:]]))


class _Walk:
    """Where in the document a token stands."""

    def __init__(self, root: str) -> None:
        self._key = root
        self._above: list[str] = []

    def is_private(self, mark: str, following: str) -> bool:
        """Go one token on; tell whether it is content that must not be kept."""
        if mark in "{}[]":
            self._step(mark)
            return False
        if mark[0] == '"' and following.lstrip().startswith(":"):
            self._key = _name(mark)
            return False
        return mark != '""' and self._holds_something_private()

    def _holds_something_private(self) -> bool:
        names = (self._key, *self._above)
        if any(PRIVATE.search(name) for name in names):
            return True
        return self._key not in REGIONS and any(PERSONAL.search(name) for name in names)

    def _step(self, bracket: str) -> None:
        if bracket in "{[":
            self._above.append(self._key)
        elif bracket in "}]" and self._above:
            self._key = self._above.pop()


def _name(mark: str) -> str:
    """Return a field's name, also where its letters were written as escapes."""
    name = mark[1:-1]
    if "\\" in name:
        try:
            name = str(json.loads(mark))
        except ValueError:
            return name
    return name[:MAX_KEY].lower()
