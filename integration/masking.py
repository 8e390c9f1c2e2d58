"""Blotting out of a body what no log may hold: consumers' data, bank accounts, secrets.

The text is otherwise left as it came, spaces and order included, and may be cut off anywhere: who
looks for a fault in it must see what was sent.
"""

import re

STARS = "***"
# Fields whose text is never kept, wherever they stand.
PRIVATE = frozenset(
    {
        "account_no", "address", "bank_account", "consumer_name", "former_secret", "mobile",
        "password", "payee", "payer", "phone", "recipient", "remark", "return_address", "secret",
        "telephone", "token",
    }
)  # fmt: skip
# Of what is in these, no text is kept but regions.
PERSONAL = frozenset({"consignee", "receiver"})
REGIONS = frozenset({"province", "city", "district"})
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]]|:')
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
            parts += [text[end : token.start()], f'"{STARS}"']
            end = token.end()
    return _SECRET.sub(rf"\g<1>{STARS}", "".join([*parts, text[end:]]))


class _Walk:
    """Where in the document a token stands."""

    def __init__(self, root: str) -> None:
        self._key = root
        self._above: list[str] = []

    def is_private(self, token: str, following: str) -> bool:
        """Go one token on; tell whether it is a text that must not be kept."""
        if token[0] != '"':
            self._step(token)
            return False
        if following.lstrip().startswith(":"):
            self._key = token[1:-1]
            return False
        if len(token) == 2:
            return False
        if self._key in PRIVATE or PRIVATE.intersection(self._above):
            return True
        return self._key not in REGIONS and not PERSONAL.isdisjoint(self._above)

    def _step(self, bracket: str) -> None:
        if bracket in "{[":
            self._above.append(self._key)
        elif bracket in "}]" and self._above:
            self._key = self._above.pop()
