"""Refusals: what the business declines to do, as exceptions with a stable code.

A refusal class is defined where it is raised. Doors translate it for the outside; nobody else
catches it, except an act that decides many things one by one.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """The business declines. Nothing has been changed.

    `text` is a translatable sentence with `{named}` places, filled from the values.
    """

    code: ClassVar[str]
    text: ClassVar[str | Promise]

    def __init__(
        self, *, pointer: str = "", causes: "Sequence[DomainError]" = (), **values: Any
    ) -> None:
        super().__init__(self.code, values)
        self.pointer = pointer
        self.causes = tuple(causes)
        self.values = values

    def __str__(self) -> str:
        return str(self.text).format_map(self.values)

    @classmethod
    def all_kinds(cls) -> "list[type[DomainError]]":
        """Return every refusal that is defined below this one and carries a code."""
        found: list[type[DomainError]] = []
        for kind in cls.__subclasses__():
            found.extend([kind] if "code" in vars(kind) else [])
            found.extend(kind.all_kinds())
        return found


class NotFound(DomainError):
    """It is not there, or it belongs to another company, which is the same to the caller."""

    code = "not_found"
    text = _("There is no such thing.")


class WrongState(DomainError):
    """The thing's state does not allow the act."""

    code = "state_conflict"
    text = _("This cannot be done while the state is “{state}”.")
