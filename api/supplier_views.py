"""What the calls of suppliers' machines share: whose keys work there, and where each call starts from."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from api.callers import SupplierCaller
from api.views import ApiView
from integration.models import Side
from kit.errors import DomainError
from suppliers.models import Supplier, SupplierState


class SupplierSuspended(DomainError):
    code = "supplier_suspended"
    text = _("Your account is not active: you may look and ship, and change nothing else.")


class SupplierView(ApiView):
    """A resource of suppliers. Everything starts from the supplier whose key signed."""

    side = Side.SUPPLIER

    @property
    def signer(self) -> SupplierCaller:
        """The supplier's key that signed the request."""
        user: Any = self.request.user
        signer: SupplierCaller = user
        return signer

    @property
    def supplier(self) -> Supplier:
        """The supplier itself."""
        return self.signer.supplier

    def require_active(self) -> None:
        """Refuse changes while the supplier is suspended or closed.

        :raises SupplierSuspended: it is.
        """
        if self.supplier.state != SupplierState.ACTIVE:
            raise SupplierSuspended
