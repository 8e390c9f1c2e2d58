"""Proofs of the books: what each run of verify_books found, and what was frozen for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from books import invariants
from books.models import Proof
from console import choosing
from console.goods import sku
from console.pages import Decision, Page
from console.trial_balances import holders
from kit import money, paging
from kit.errors import NotFound
from ledger import chaining
from ledger.models import Account, Link
from supplychain import freezing
from supplychain.models import Sku

A_PAGE = 30
FROZEN_SHOWN = 100
SENTENCES = {check.name: check for check in invariants.CHECKS}


@dataclass(frozen=True)
class Breach:
    """A broken rule as a page shows it: a table of its first rows."""

    name: str
    invariant: str
    sentence: str
    count: int
    columns: list[str]
    rows: list[list[tuple[Any, bool]]]


class ProofsPage(Page):
    """Every proof, newest first, what is frozen now, and how far the chain reaches."""

    right = "console.see_money"
    template_name = "console/proofs.html"
    title = _("Proofs of the books")

    def context(self) -> dict[str, Any]:
        after = self.request.GET.get("after", "")
        page = paging.newest_first(Proof.objects.all(), after=after, size=A_PAGE)
        return {
            "proofs": page.rows,
            "next": page.next,
            "digest": digest(Link.objects.order_by("-position").first()),
            "rules": len(invariants.CHECKS),
            **frozen(),
        }


class ProofPage(Page):
    """What one proof found."""

    right = "console.see_money"
    template_name = "console/proof.html"
    title = _("Proof of the books")

    def context(self) -> dict[str, Any]:
        proof = Proof.objects.filter(pk=self.kwargs["pk"]).first()
        if proof is None:
            raise NotFound
        return {
            "proof": proof,
            "breaches": [breach(one) for one in proof.breaches],
            **frozen(reasons=[one["name"] for one in proof.breaches]),
        }


def breach(found: Mapping[str, Any]) -> Breach:
    """Return a broken rule of a proof with its sentence, as far as the rule is still known."""
    check = SENTENCES.get(found["name"])
    columns = found["columns"]
    return Breach(
        name=found["name"],
        invariant=check.invariant if check else "",
        sentence=str(check.sentence) if check else "",
        count=found["count"],
        columns=[column.removesuffix("_fen") for column in columns],
        rows=[
            [_cell(column, value) for column, value in zip(columns, row, strict=True)]
            for row in found["rows"]
        ],
    )


def _cell(column: str, value: Any) -> tuple[Any, bool]:
    """Return a value as it is shown, amounts in yuan, and whether it is the number of an order."""
    is_amount = column.endswith("_fen") and isinstance(value, int)
    return money.yuan(value) if is_amount else value, column == "order_no"


def frozen(*, reasons: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the accounts and skus that are frozen now; only those for some rules, if they are given."""
    accounts = Account.objects.exclude(frozen_at=None)
    skus = Sku.objects.exclude(frozen_at=None).select_related("product")
    if reasons is not None:
        accounts = accounts.filter(frozen_reason__in=reasons)
        skus = skus.filter(frozen_reason__in=reasons)
    shown = list(accounts.order_by("pk")[:FROZEN_SHOWN])
    names = holders((one.kind, one.holder) for one in shown)
    return {
        "accounts": shown,
        "names": {one.pk: names.get((one.kind, one.holder or 0), "") for one in shown},
        "skus": skus.order_by("pk")[:FROZEN_SHOWN],
    }


class ReasonForm(forms.Form):
    """Why it may be sold again."""

    reason = choosing.reason()


class UnfreezeSku(Decision):
    """Sell a sku again that a proof has frozen."""

    right = "console.keep_stock"
    act = "unfreeze_sku"
    title = _("Unfreeze the sku")
    explanation = _(
        "A proof found that its stock does not come to its movements. Put that right first, by a"
        " stocktaking; then it is offered again."
    )
    button = _("Offer it again")
    form_class = ReasonForm

    def subject(self) -> Sku:
        return sku(self.kwargs["pk"])

    def decide(self, values: dict[str, Any]) -> str:
        done = freezing.unfreeze_sku(
            sku_pk=self.kwargs["pk"], reason=values["reason"], at=timezone.now()
        )
        return gettext("{sku} is offered again.").format(sku=done)

    def after(self) -> str:
        return reverse("console:product", args=[self.subject().product_id])


def digest(link: Link | None) -> str:
    """Return a link as it is kept elsewhere: position and digest."""
    return f"{link.position}:{bytes(link.digest).hex()}" if link else f"0:{chaining.GENESIS.hex()}"
