"""What every answer is, and a refusal, for OpenAPI and the tests; views write plain dictionaries."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.serializers import BooleanField, CharField, DictField, IntegerField


class Answer(serializers.Serializer[Any]):
    """An object of an answer. Fields may be added; none is taken away or changes its meaning."""


class FaultAnswer(Answer):
    """One place of a request that is wrong."""

    pointer = CharField(help_text=_("Where: a JSON pointer (RFC 6901) into the body or the query."))
    code = CharField()
    detail = CharField()
    values = DictField()


class ProblemAnswer(Answer):
    """A refusal (RFC 9457)."""

    type = CharField()
    title = CharField()
    status = IntegerField()
    code = CharField(help_text=_("Stable; /meta/errors lists all. Decide by this alone."))
    detail = CharField(help_text=_("For people, in the language of Accept-Language."))
    retryable = BooleanField(help_text=_("The same request may succeed later, unchanged."))
    values = DictField(help_text=_("What the detail speaks of, for machines."))
    # The names of these fields are attributes of Serializer too; its metaclass takes them away.
    errors = FaultAnswer(many=True)  # type: ignore[assignment]
    request_id = CharField(required=False)
