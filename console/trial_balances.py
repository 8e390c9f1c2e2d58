"""The trial balance, and the way from it down: kind of account, account, transfers, order."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from books import trial_balance
from books.trial_balance import Names
from console.pages import Page
from distributors.models import Distributor
from kit import downloads
from kit.errors import NotFound
from ledger.models import Kind
from suppliers.models import Supplier

SUPPLIERS = (Kind.PAYABLE, Kind.EARNED, Kind.SECURITY)


class DayPage(Page):
    """A page as of the end of a day; today if none is named."""

    right = "console.see_money"

    @property
    def day(self) -> date:
        """Return the day that is asked for."""
        try:
            return date.fromisoformat(self.request.GET.get("day", ""))
        except ValueError:
            return timezone.localdate()


class TrialBalancePage(DayPage):
    """Every kind of account: debit, credit, balance; and that they sum to 0."""

    template_name = "console/trial_balance.html"
    title = _("Trial balance")

    def context(self) -> dict[str, Any]:
        return {"balance": trial_balance.of(self.day), "today": timezone.localdate()}


class TrialBalanceXlsx(DayPage):
    """The same as a workbook, with every account."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002
        day = self.day
        content = trial_balance.xlsx(trial_balance.of(day), names=_everybody())
        return downloads.attachment(content, downloads.XLSX, f"trial-balance-{day}.xlsx")


class KindPage(DayPage):
    """The accounts of one kind; each leads to its transfers."""

    template_name = "console/accounts_of_kind.html"

    def heading(self) -> str:
        return str(self._kind().label)

    def context(self) -> dict[str, Any]:
        after = self.request.GET.get("after", "")
        start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
        rows, following = trial_balance.accounts_of(self._kind(), self.day, after=start)
        names = holders((row.kind, row.holder) for row in rows)
        return {
            "rows": [(row, names.get((row.kind, row.holder or 0), "")) for row in rows],
            "next": following,
            "day": self.day,
        }

    def _kind(self) -> Kind:
        if self.kwargs["kind"] not in Kind.values:
            raise NotFound
        return Kind(self.kwargs["kind"])


def holders(keys: Iterable[tuple[str, int | None]]) -> Names:
    """Return how those are called who hold accounts of these kinds under these keys."""
    held = list(keys)
    deposits = {holder for kind, holder in held if kind == Kind.DEPOSIT and holder}
    supplied = {holder for kind, holder in held if kind in SUPPLIERS and holder}
    found: Names = {}
    if deposits:
        shops = Distributor.objects.filter(pk__in=deposits).select_related("company")
        found |= {(Kind.DEPOSIT.value, shop.pk): str(shop) for shop in shops}
    if supplied:
        sources = Supplier.objects.filter(pk__in=supplied).select_related("company")
        found |= {(kind.value, one.pk): str(one) for one in sources for kind in SUPPLIERS}
    return found


def _everybody() -> Names:
    shops = Distributor.objects.select_related("company")
    sources = Supplier.objects.select_related("company")
    return {
        **{(Kind.DEPOSIT.value, shop.pk): str(shop) for shop in shops},
        **{(kind.value, one.pk): str(one) for one in sources for kind in SUPPLIERS},
    }
