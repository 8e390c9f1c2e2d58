"""The review of a product: what is live beside what is proposed, and the decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from console import differences, goods
from console.pages import Decision
from console.review_queue import Queue
from distributors.models import Level
from kit.errors import NotFound
from kit.fields import YuanField
from supplychain import content, reviewing
from supplychain.content import SkuContent
from supplychain.models import MAX_PRICE_FEN, Revision, RevisionState, Sku

APPROVE, ASK, REJECT = "approve", "ask", "reject"
HISTORY = 20
# What suppliers are told most often; picked, and written into the note.
CANNED = (
    _("The main image is not clear, or shows something else."),
    _("The images carry watermarks, addresses or codes of others."),
    _("The name does not say what it is: brand, kind, quantity."),
    _("It stands in the wrong category."),
    _("The details lack size, material, content or shelf life."),
    _("The price is not in line with the market: please check it."),
    _("Papers for this kind of goods are missing."),
    _("We have the same product already."),
)


@dataclass(frozen=True)
class Terms:
    """One sku under review: as proposed, with the fields that staff fill in."""

    sku: SkuContent
    live: Sku | None
    retail: Any
    markup: Any


class VerdictForm(forms.Form):
    """The verdict with a note; prices by sku are added by `Review`."""

    verdict = forms.ChoiceField(
        choices=[(APPROVE, _("confirm")), (ASK, _("ask for change")), (REJECT, _("reject"))],
        label=_("Verdict"),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    canned = forms.ChoiceField(
        label=_("A reason to pick"),
        required=False,
        choices=[("", "—"), *((str(place), text) for place, text in enumerate(CANNED))],
    )
    note = forms.CharField(
        label=_("Note to the supplier"),
        max_length=reviewing.MAX_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to ask for a change or to reject; the supplier reads it."),
    )

    def clean(self) -> dict[str, Any]:
        """A supplier that is refused is told why: the reason picked, and what was written."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("verdict") not in (ASK, REJECT):
            return values
        picked = str(CANNED[int(values["canned"])]) if values.get("canned") else ""
        values["note"] = "\n".join(filter(None, (picked, values.get("note", "").strip())))
        if not values["note"]:
            self.add_error("note", str(_("Say what must change, or why it is refused.")))
        return values

    def clean_seen(self) -> datetime | None:
        """Read when what was looked at had been submitted."""
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None


class Review(Decision):
    """A revision as a difference. Who may review also decides here."""

    right = "console.see_goods"
    template_name = "console/revision.html"
    act = "review"
    title = _("Review")

    def heading(self) -> str:
        revision = self.subject()
        return f"{self.title} · {revision.product.item_no}"

    def subject(self) -> Revision:
        rows = Revision.objects.select_related("product__supplier__company")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound
        return found

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Decide, with the right to review."""
        self.require("console.review_products")
        return super().post(request, *args, **kwargs)

    def form(self, data: Any = None) -> forms.Form:
        revision = self.subject()
        form = VerdictForm(data, initial={"seen": revision.submitted_at.isoformat()})
        set_before = revision.terms.get("retail_prices_fen", {})
        live = self._live_skus(revision)
        for place, one in enumerate(content.from_json(revision.proposed).skus):
            known = live.get(one.owner_no)
            form.fields[f"retail_{place}_fen"] = YuanField(
                label=f"{one.owner_no} · {gettext('suggested retail price')}",
                required=False,
                min_fen=1,
                max_fen=MAX_PRICE_FEN,
                initial=set_before.get(one.owner_no, one.retail_price_fen),
            )
            form.fields[f"markup_{place}_fen"] = YuanField(
                label=f"{one.owner_no} · {pgettext('field', 'markup')}",
                required=False,
                max_fen=MAX_PRICE_FEN,
                initial=known.markup_fen if known else 0,
            )
        return form

    def around(self, form: forms.Form) -> dict[str, Any]:
        revision = self.subject()
        proposed = content.from_json(revision.proposed)
        live = self._live_skus(revision)
        before = reviewing.live_when_proposed(revision)
        may_decide = self.person.has_perm("console.review_products")
        queue = Queue(self.request.GET)
        contents = [one for one in (before, proposed) if one]
        return {
            **super().around(form),
            "revision": revision,
            "rows": differences.rows(content.difference(before, proposed), contents),
            "terms": [
                Terms(one, live.get(one.owner_no), form[f"retail_{n}_fen"], form[f"markup_{n}_fen"])
                for n, one in enumerate(proposed.skus)
            ],
            "levels": Level.objects.all(),
            "decidable": may_decide and revision.state == RevisionState.OPEN,
            "queue": queue,
            "waiting": queue.rows().count(),
            "next": queue.after(revision),
            "previous": queue.before(revision),
            "revisions": revision.product.revisions.order_by("-pk").defer("proposed", "live")[
                :HISTORY
            ],
        }

    def decide(self, values: dict[str, Any]) -> str:
        common: dict[str, Any] = {
            "revision_pk": self.kwargs["pk"],
            "actor": self.actor,
            "at": timezone.now(),
            "seen_at": values["seen"],
        }
        if values["verdict"] == ASK:
            reviewing.ask_for_change(note=values["note"], **common)
            return gettext("It was sent back with your note.")
        if values["verdict"] == REJECT:
            reviewing.reject(note=values["note"], **common)
            return gettext("It was rejected with your note.")
        return self._approve(values, common)

    def after(self) -> str:
        """Go on with the next one that waits, where this one is decided."""
        queue = Queue(self.request.GET)
        revision = self.subject()
        if self.request.method == "POST" and revision.state != RevisionState.OPEN:
            waiting = queue.after(revision)
            if waiting is not None:
                return with_query(reverse("console:revision", args=[waiting]), queue.query)
        return with_query(reverse("console:reviews"), queue.query)

    def _approve(self, values: dict[str, Any], common: dict[str, Any]) -> str:
        skus = content.from_json(self.subject().proposed).skus
        given = {
            kind: {
                one.owner_no: values[f"{kind}_{place}_fen"]
                for place, one in enumerate(skus)
                if values.get(f"{kind}_{place}_fen") is not None
            }
            for kind in ("retail", "markup")
        }
        done = reviewing.approve(
            retail_prices_fen=given["retail"], markups_fen=given["markup"], **common
        )
        if done.state == RevisionState.APPROVED:
            return gettext("It is confirmed and goes live at its time.")
        return gettext("It is confirmed and live.")

    def _live_skus(self, revision: Revision) -> dict[str, Sku]:
        return {one.owner_no: one for one in goods.skus_of(revision.product)}


def with_query(address: str, query: str) -> str:
    """Return an address in which the queue stays narrowed."""
    return f"{address}?{query}" if query else address
