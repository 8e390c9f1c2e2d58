"""Tell the database who acts, so that its triggers can write it down beside what changed.

The name travels with each statement that writes, for that statement's transaction and no longer: a
connection that goes to somebody else next, or is shared by a pooler, carries nobody's name.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import LazyObject

from kit import actors

# What triggers read.
SETTING = "huopan.actor"
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "EXECUTE")

_acting: ContextVar[Callable[[], str] | None] = ContextVar("acting", default=None)


@contextmanager
def to(who: Callable[[], str]) -> Iterator[None]:
    """Attribute what this thread writes inside the block to an actor, as history names them.

    `who` is asked at each write; the innermost block counts.
    """
    is_first = _acting.get() is None
    token = _acting.set(who)
    try:
        if is_first:
            with connection.execute_wrapper(_attribute):
                yield
        else:
            yield
    finally:
        _acting.reset(token)


class Attributed:
    """Middleware: what a request of somebody who is logged in writes is theirs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        with to(lambda: _at_the_keyboard(request)):
            return self.get_response(request)


def _at_the_keyboard(request: HttpRequest) -> str:
    # Asked in the middle of a statement, so it only sees somebody who was looked up already.
    given = request.__dict__.get("user")
    known = getattr(request, "_cached_user", None) if isinstance(given, LazyObject) else given
    email = getattr(known, "email", "")
    return str(actors.person(email) if email else actors.VISITOR)


def _attribute(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    who = _acting.get()
    if who is None or many or not isinstance(sql, str) or not sql.lstrip().startswith(WRITES):
        return execute(sql, params, many, context)
    # One round trip; the answer is that of the last statement.
    name = who().replace("'", "''").replace("\0", "")
    naming = f"SELECT set_config('{SETTING}', '{name}', true);"
    return execute(
        (naming if params is None else naming.replace("%", "%%")) + sql, params, many, context
    )
