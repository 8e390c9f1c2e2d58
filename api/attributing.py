"""Views whose changes of settings are noted as the key's that signed; the intake needs no such note."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.callers import Signer
from api.views import ApiView
from kit import actors, attributing


class AttributedView(ApiView):
    """A view that changes what is watched."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer; what is written on the way was done by the key."""
        with attributing.to(self._who):
            return super().dispatch(request, *args, **kwargs)

    def _who(self) -> str:
        # Before the signature is checked, which writes its nonce, nobody is known.
        user = getattr(self.request, "_user", None)
        return str(user.actor if isinstance(user, Signer) else actors.VISITOR)
