"""What a request may hold: fields that OpenAPI shows, and one strict reader for all of them.

Nothing is converted: a number is a JSON number, a text a JSON string, a field that is not declared
is refused. The reader names everything that is wrong at once, with its place.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from kit.errors import DomainError

MAX_PROBLEMS = 100
# Control characters, line ends of all kinds, and halves of surrogate pairs.
CONTROL = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
PLAIN = re.compile(rf"[^{CONTROL}]*")
NUMBER = r"[A-Za-z0-9][A-Za-z0-9_.:@~-]*"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class ValidationFailed(DomainError):
    code = "validation_failed"
    text = _("Some fields are not as they must be; “errors” names each of them.")


class Required(DomainError):
    code = "required"
    text = _("This field is required.")


class UnknownField(DomainError):
    code = "unknown_field"
    text = _("There is no field “{field}” here.")


class RepeatedParameter(DomainError):
    code = "repeated_parameter"
    text = _("The parameter “{field}” stands twice.")


class WrongType(DomainError):
    code = "wrong_type"
    text = _("This must be of the type {expected}.")


class NotAllowed(DomainError):
    code = "not_allowed"
    text = _("This must be one of: {allowed}.")


class Blank(DomainError):
    code = "blank"
    text = _("This must not be empty.")


class TooLong(DomainError):
    code = "too_long"
    text = _("This has {length} characters; {limit} are allowed.")


class ControlCharacters(DomainError):
    code = "control_characters"
    text = _("This must not hold line ends or other control characters.")


class WrongFormat(DomainError):
    code = "wrong_format"
    text = _("This is not of the form {form}.")


class TooSmall(DomainError):
    code = "too_small"
    text = _("This must be {limit} or more.")


class TooLarge(DomainError):
    code = "too_large"
    text = _("This must be {limit} or less.")


class TooFew(DomainError):
    code = "too_few"
    text = _("This must hold {limit} or more.")


class TooMany(DomainError):
    code = "too_many"
    text = _("This holds {count}; {limit} are allowed.")


class Text(serializers.CharField):
    """A text of limited length on one line, by default with something in it."""

    def __init__(self, *, max_length: int, form: str = "", **kwargs: Any) -> None:
        self.form = form
        super().__init__(max_length=max_length, trim_whitespace=False, **kwargs)

    @property
    def pattern(self) -> str:
        """The whole rule but the length, as JSON Schema writes it."""
        if self.form:
            return f"^{self.form}$"
        plain = f"[^{_SCHEMA_CONTROL}]*"
        return f"^{plain}$" if self.allow_blank else rf"^{plain}[^{_SCHEMA_CONTROL}\s]{plain}$"


class Number(Text):
    """A number that somebody gave a thing, such as an order number: it must fit into an address."""

    def __init__(self, *, max_length: int = 64, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, form=NUMBER, **kwargs)


class Whole(serializers.IntegerField):
    """A whole number within bounds."""

    def __init__(self, *, min_value: int, max_value: int, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)


class Choice(serializers.ChoiceField):
    """One of a few words."""


class Flag(serializers.BooleanField):
    """true or false."""


class Moment(serializers.DateTimeField):
    """A time with its zone (RFC 3339)."""


class Day(serializers.DateField):
    """A day of Asia/Shanghai, such as 2026-11-21."""


class Items(serializers.ListField):
    """A list of limited length."""

    def __init__(
        self,
        *,
        child: serializers.Field[Any, Any, Any, Any],
        max_length: int,
        min_length: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(child=child, max_length=max_length, min_length=min_length, **kwargs)


class Shape(serializers.Serializer[Any]):
    """An object with exactly the declared fields."""


def read(shape: type[Shape], value: Any) -> dict[str, Any]:
    """Return an object with the declared fields, defaults filled in.

    :raises ValidationFailed: it is not of this shape; `causes` has every fault with its pointer.
    """
    causes: list[DomainError] = []
    found = _read(_shape(shape), value, "", causes)
    if causes:
        raise ValidationFailed(causes=causes[:MAX_PROBLEMS])
    return found  # type: ignore[no-any-return]


def read_query(shape: type[Shape], params: QueryDict) -> dict[str, Any]:
    """Return the parameters of an address; pointers take them as fields of one object.

    :raises ValidationFailed: one is unknown, repeated or not as it must be.
    """
    fields = _shape(shape).fields
    repeated = [name for name, values in params.lists() if len(values) > 1]
    if repeated:
        causes = [RepeatedParameter(pointer=_below("", name), field=name) for name in repeated]
        raise ValidationFailed(causes=causes)
    values = {name: _typed(fields.get(name), str(value)) for name, value in params.items()}
    return read(shape, values)


@lru_cache
def _shape(shape: type[Shape]) -> Shape:
    return shape()


def _typed(field: object, text: str) -> str | int | bool:
    """Numbers and flags stand as text in an address."""
    if isinstance(field, Flag) and text in ("true", "false"):
        return text == "true"
    is_number = isinstance(field, Whole) and text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number else text


def _read(field: Any, value: Any, pointer: str, causes: list[DomainError]) -> Any:
    if value is None and field.allow_null:
        return None
    if isinstance(field, Shape):
        return _read_object(field, value, pointer, causes)
    if isinstance(field, Items):
        return _read_list(field, value, pointer, causes)
    try:
        return _READERS[type(field)](field, value)
    except DomainError as refusal:
        refusal.pointer = pointer
        causes.append(refusal)
        return None


def _read_object(
    shape: Shape, value: Any, pointer: str, causes: list[DomainError]
) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        causes.append(WrongType(pointer=pointer, expected="object"))
        return None
    fields: Mapping[str, Any] = shape.fields
    for name in value:
        if name not in fields:
            causes.append(UnknownField(pointer=_below(pointer, name), field=name))
    found: dict[str, Any] = {}
    for name, field in fields.items():
        if name in value:
            found[name] = _read(field, value[name], _below(pointer, name), causes)
        elif field.required:
            causes.append(Required(pointer=_below(pointer, name)))
        elif field.default is not empty:
            found[name] = field.default
    return found


def _read_list(
    items: Items, value: Any, pointer: str, causes: list[DomainError]
) -> list[Any] | None:
    if not isinstance(value, list):
        causes.append(WrongType(pointer=pointer, expected="array"))
    elif items.max_length is not None and len(value) > items.max_length:
        causes.append(TooMany(pointer=pointer, count=len(value), limit=items.max_length))
    elif items.min_length is not None and len(value) < items.min_length:
        causes.append(TooFew(pointer=pointer, limit=items.min_length))
    else:
        return [
            _read(items.child, item, f"{pointer}/{index}", causes)
            for index, item in enumerate(value)
        ]
    return None


def _read_text(field: Text, value: Any) -> str:
    if not isinstance(value, str):
        raise WrongType(expected="string")
    if not field.allow_blank and not value.strip():
        raise Blank
    if field.max_length is not None and len(value) > field.max_length:
        raise TooLong(length=len(value), limit=field.max_length)
    if not PLAIN.fullmatch(value):
        raise ControlCharacters
    if field.form and not re.fullmatch(field.form, value):
        raise WrongFormat(form=field.form)
    return value


def _read_whole(field: Whole, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongType(expected="integer")
    if field.min_value is not None and value < field.min_value:
        raise TooSmall(limit=field.min_value)
    if field.max_value is not None and value > field.max_value:
        raise TooLarge(limit=field.max_value)
    return value


def _read_flag(_field: Flag, value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongType(expected="boolean")
    return value


def _read_choice(field: Choice, value: Any) -> str:
    if not isinstance(value, str):
        raise WrongType(expected="string")
    if value not in field.choices:
        raise NotAllowed(allowed=", ".join(map(str, field.choices)))
    return value


def _read_moment(_field: Moment, value: Any) -> datetime:
    if not isinstance(value, str):
        raise WrongType(expected="string")
    try:
        if MOMENT.fullmatch(value):
            # PostgreSQL knows no zones as far from Greenwich as may be written here.
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise WrongFormat(form="2026-11-22T09:30:00+08:00")


def _read_day(_field: Day, value: Any) -> date:
    if not isinstance(value, str):
        raise WrongType(expected="string")
    found = day(value)
    if found is None:
        raise WrongFormat(form="2026-11-21")
    return found


def day(text: str) -> date | None:
    """Return the day that a text means, or None."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


_READERS: dict[type, Any] = {
    Text: _read_text,
    Number: _read_text,
    Whole: _read_whole,
    Choice: _read_choice,
    Flag: _read_flag,
    Moment: _read_moment,
    Day: _read_day,
}


def _below(pointer: str, name: str) -> str:
    """Go one step down a JSON pointer (RFC 6901)."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"


_SCHEMA_CONTROL = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
