"""What a call may come to in the place of an answer."""

from typing import Any, cast

from huopan_client import types
from huopan_client.transport import Answer


class Failure(Exception):
    """A call did not do what it should."""


class Problem(Failure):
    """The platform refused the call, and nothing was done; decide by `code`."""

    def __init__(self, answer: Answer) -> None:
        self.status = answer.status
        shown = answer.body if isinstance(answer.body, dict) else {}
        self.document = cast(types.Problem, shown)
        self.code: str = shown.get("code", "")
        self.detail: str = shown.get("detail", "")
        # Whether the same call may succeed later, unchanged: after a recharge, say.
        self.retryable: bool = shown.get("retryable", False)
        self.values: dict[str, Any] = shown.get("values", {})
        self.errors: list[types.Fault] = shown.get("errors", [])
        self.request_id: str = shown.get("request_id", "")
        super().__init__(f"{self.status} {self.code}: {self.detail} (request {self.request_id})")


class Unreachable(Failure):
    """No connection was made, as often as it was tried; nothing was sent."""


class OutcomeUnknown(Failure):
    """The call was sent, and no answer came: it may have been done. Read the object and see."""
