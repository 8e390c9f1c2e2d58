"""State machines: django-fsm with its two known holes closed, and bulk moves that keep the rules.

`refresh_from_db` of django-fsm-2 switches a field's protection off for the whole process while it
runs; `StateModel` puts the value in place without touching the switch. `QuerySet.update` goes past
protection, so a database trigger (`drawn`) refuses what is not drawn.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pgtrigger
from django.db import models
from django_fsm import FSMField, FSMFieldMixin
from django_fsm import TransitionNotAllowed as TransitionNotAllowed
from django_fsm import transition as transition


class StateField(FSMField):
    """A state that only transition methods may set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("protected", True)
        kwargs.setdefault("max_length", 24)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Stand in migrations as the plain text that it is to the database.

        There models are made anew thousands of times, and each made one that has a machine is called
        by all that come after it.
        """
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs


class StateModel(models.Model):
    """A row with protected states that can be re-read safely while other threads move theirs."""

    class Meta:
        abstract = True

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        """Re-read the row; the protection of its states stays on for everybody."""
        states = [f.attname for f in self._meta.concrete_fields if isinstance(f, FSMFieldMixin)]
        before = {name: self.__dict__.pop(name) for name in states if name in self.__dict__}
        try:
            names = list(fields) if fields is not None else None
            if names is None:
                names = [f.attname for f in self._meta.concrete_fields]
            super().refresh_from_db(using=using, fields=names, from_queryset=from_queryset)
        except BaseException:
            self.__dict__.update(before)
            raise


def by(*who: str) -> dict[str, tuple[str, ...]]:
    """Say who may take a step: the `custom` of a transition, read by docs and allowed_actions."""
    return {"by": who}


def drawn(*pairs: tuple[str, str], field: str = "state") -> pgtrigger.FSM:
    """Return the trigger by which the database refuses every move that is not among `pairs`."""
    return pgtrigger.FSM(name=f"{field}_as_drawn", field=field, transitions=list(pairs))


def immutable() -> pgtrigger.Protect:
    """Return the trigger by which the database refuses to change or delete a row."""
    return pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)


def transitions_of(model: type[models.Model], field: str = "state") -> set[tuple[str, str]]:
    """Return every (from, to) of a machine, as its transition methods declare them."""
    state: Any = model._meta.get_field(field)
    return {(t.source, t.target) for t in state.get_all_transitions(model) if t.source != t.target}


def move(
    rows: models.QuerySet[Any], *, sources: Sequence[str], target: str, count: int, **changes: Any
) -> None:
    """Move many locked rows to one state at once; all of them, or it is a bug."""
    moved = rows.filter(state__in=sources).update(state=target, **changes)
    assert moved == count, (moved, count, target)
