"""Trying a signature out."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from api import describing, meta_examples
from api.meta_answers import EchoAnswer
from api.scopes import SIGNED
from api.views import ApiView
from kit.times import rfc3339


class Echo(ApiView):
    """What we make of a signed request."""

    scopes = {"POST": SIGNED}

    @describing.operation(
        "auth_echo",
        summary=_("Try a signature out."),
        tag="meta",
        description=_(
            "Answers the string that we built, the key, our time and the address we see; any "
            "body will do. A wrong signature is refused as everywhere, with "
            "values.string_to_sign."
        ),
        answer=EchoAnswer,
        any_query=True,
        example=meta_examples.ECHO,
    )
    def post(self, request: Request) -> Response:  # noqa: ARG002
        """Answer how we understood the request; any body will do."""
        caller, now = self.caller, timezone.now()
        return Response(
            {
                "key_id": caller.public_id,
                "scopes": caller.scopes,
                "string_to_sign": caller.string_to_sign,
                "server_time": rfc3339(now),
                "server_timestamp": int(now.timestamp()),
                "ip": caller.address,
            }
        )
