"""The queue of reviews: what waits longest first, of whom, of which kind; and approving many of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console import doing_many
from console.bulk_pages import BulkDecision
from console.choosing_goods import ticked
from console.doing_many import Deed, Subject, Task
from console.pages import Page
from kit.errors import NotFound
from suppliers.models import Supplier
from supplychain import pictures, reviewing
from supplychain.models import Category, Picture, Revision, RevisionState

PAGE = 50
_SKUS_OF = (
    "(SELECT array_agg(sku->>'owner_no' ORDER BY sku->>'owner_no')"
    " FROM jsonb_array_elements(supplychain_revision.{of}->'skus') sku)"
)
_PRICE_MOVES = (
    "EXISTS (SELECT FROM jsonb_array_elements(supplychain_revision.proposed->'skus') new"
    " JOIN jsonb_array_elements(supplychain_revision.live->'skus') old"
    " ON old->>'owner_no' = new->>'owner_no'"
    " WHERE (new->>'supply_price_fen')::bigint {way} (old->>'supply_price_fen')::bigint)"
)


def _differs(*fields: str) -> str:
    return " OR ".join(
        f"supplychain_revision.proposed->'{one}' IS DISTINCT FROM supplychain_revision.live->'{one}'"
        for one in fields
    )


# Kinds of change: what each is called, and the condition by which the database knows it.
KINDS: dict[str, tuple[Any, str]] = {
    "new": (_("new product"), "supplychain_revision.live = '{}'"),
    "rise": (_("price rise"), _PRICE_MOVES.format(way=">")),
    "cut": (_("price cut"), _PRICE_MOVES.format(way="<")),
    "pictures": (_("images"), _differs("main_pictures", "detail_pictures")),
    "texts": (
        _("texts"),
        _differs("name", "detail_html", "aftersale_note", "unit", "origin", "attributes"),
    ),
    "skus": (
        _("skus"),
        f"{_SKUS_OF.format(of='proposed')} IS DISTINCT FROM {_SKUS_OF.format(of='live')}",
    ),
    "rules": (
        _("sale and shipping"),
        _differs(
            "category_pk",
            "brand_pk",
            "freight_template_pk",
            "ship_within_hours",
            "allowed_applications",
            "regions_not_served",
        ),
    ),
}


class QueueFilter(forms.Form):
    """Narrows the queue."""

    supplier = forms.ModelChoiceField(
        Supplier.objects.select_related("company").order_by("number"),
        label=_("Supplier"),
        required=False,
        empty_label="—",
    )
    category = forms.ModelChoiceField(
        Category.objects.all(),
        label=_("Category and what is below it"),
        required=False,
        empty_label="—",
    )
    kind = forms.ChoiceField(
        label=_("Kind of change"),
        required=False,
        choices=[("", "—"), *((key, label) for key, (label, _sql) in KINDS.items())],
    )
    trusted = forms.BooleanField(label=_("Only of trusted suppliers"), required=False)


class Queue:
    """What waits for review and a query asks for, oldest first."""

    def __init__(self, query: QueryDict) -> None:
        self.filter = QueueFilter(query)
        self._wanted = self.filter.cleaned_data if self.filter.is_valid() else None
        told = QueryDict(mutable=True)
        told.update({n: str(query[n]) for n in QueueFilter.base_fields if query.get(n)})
        self.query = told.urlencode()

    def rows(self) -> QuerySet[Revision]:
        """Return them."""
        rows: QuerySet[Revision] = _waiting()
        if self._wanted is None:
            return rows.none()
        if self._wanted["supplier"]:
            rows = rows.filter(product__supplier=self._wanted["supplier"])
        if self._wanted["trusted"]:
            rows = rows.filter(product__supplier__trusted=True)
        if self._wanted["category"]:
            path = self._wanted["category"].path
            below = Q(product__category__path__startswith=f"{path}/")
            rows = rows.filter(Q(product__category__path=path) | below)
        if self._wanted["kind"]:
            rows = rows.filter(_is(self._wanted["kind"]))
        return rows

    def after(self, revision: Revision) -> int | None:
        """Return the key of the next one; behind the last one, of the oldest."""
        rows = self.rows().exclude(pk=revision.pk)
        later = rows.filter(
            Q(submitted_at__gt=revision.submitted_at)
            | Q(submitted_at=revision.submitted_at, pk__gt=revision.pk)
        )
        pk: int | None = later.values_list("pk", flat=True).first()
        return pk or rows.values_list("pk", flat=True).first()

    def before(self, revision: Revision) -> int | None:
        """Return the key of the one before."""
        earlier = self.rows().filter(
            Q(submitted_at__lt=revision.submitted_at)
            | Q(submitted_at=revision.submitted_at, pk__lt=revision.pk)
        )
        return earlier.reverse().values_list("pk", flat=True).first()


class QueuePage(Page):
    """What waits, with filters and counts."""

    right = "console.see_goods"
    template_name = "console/review_queue.html"
    title = _("Waiting for review")

    def context(self) -> dict[str, Any]:
        queue = Queue(self.request.GET)
        rows = queue.rows()
        counted: dict[str, Any] = {key: Count("pk", filter=_is(key)) for key in KINDS}
        counts = rows.order_by().aggregate(
            all=Count("pk"), suppliers=Count("product__supplier", distinct=True), **counted
        )
        page = Paginator(_shown(rows), PAGE, orphans=5).get_page(self.request.GET.get("page"))
        revisions = list(page.object_list)
        thumbnails = _thumbnails(revisions)
        wanted = getattr(queue.filter, "cleaned_data", {})
        supplier = wanted.get("supplier")
        return {
            "queue": queue,
            "page": page,
            "rows": [(one, thumbnails.get(one.first_picture), _kinds_of(one)) for one in revisions],
            "counts": counts,
            "kinds": [(key, label, counts[key]) for key, (label, _sql) in KINDS.items()],
            "kind": wanted.get("kind"),
            "all_trusted": bool(wanted.get("trusted") or (supplier and supplier.trusted)),
            "until": timezone.now().isoformat(),
        }


class ApproveRevisions(BulkDecision):
    """Approve what was ticked in the queue, or all that trusted suppliers have in it."""

    right = "console.review_products"
    act = "approve_revisions"
    title = _("Confirm many")
    explanation = _(
        "Each is confirmed as if it were opened by itself, without markups or other retail prices."
        " What its supplier submits anew meanwhile is left out."
    )
    nothing = _("None of them waits any more, as far as you saw it.")

    def rows(self) -> QuerySet[Revision]:
        """Return what is meant: nothing that was submitted after the queue was shown."""
        query = self.request.GET
        if query.get("all"):
            rows = Queue(query).rows().filter(product__supplier__trusted=True)
        else:
            rows = _waiting().filter(pk__in=ticked(",".join(query.getlist("revision"))))
        until = _moment(query.get("until", ""))
        return rows.filter(submitted_at__lte=until) if until else rows

    def subjects(self) -> list[Subject]:
        found = self.rows().values_list("pk", "submitted_at", "product__item_no", "product__name")
        return [
            Subject(pk, f"{item_no} {name}", submitted_at.isoformat())
            for pk, submitted_at, item_no, name in found
        ]

    def extent(self, subjects: list[Subject]) -> str:
        suppliers = self.rows().order_by().values("product__supplier").distinct().count()
        first = ngettext(
            "This will approve {count} change", "This will approve {count} changes", len(subjects)
        ).format(count=len(subjects))
        second = ngettext("of {count} supplier.", "of {count} suppliers.", suppliers)
        whole = gettext("{changes} {suppliers}")
        return whole.format(changes=first, suppliers=second.format(count=suppliers))

    def home(self) -> str:
        return f"{reverse('console:reviews')}?{Queue(self.request.GET).query}"


def _approve(task: Task) -> bool:
    seen_at = _moment(task.seen)
    revision = Revision.objects.filter(pk=task.subject_pk).first()
    if revision is None:
        raise NotFound
    if revision.decided_by == str(task.actor) and revision.state in (
        RevisionState.APPROVED,
        RevisionState.APPLIED,
    ):
        return False  # done before, and not noted
    reviewing.approve(revision_pk=revision.pk, actor=task.actor, at=task.at, seen_at=seen_at)
    return True


doing_many.DEEDS["approve_revisions"] = Deed(
    "console.review_products", ApproveRevisions.title, _approve
)


def _waiting() -> QuerySet[Revision]:
    return Revision.objects.filter(state=RevisionState.OPEN).order_by("submitted_at", "pk")


def _is(kind: str) -> Any:
    _label, condition = KINDS[kind]
    if kind != "new":
        condition = f"supplychain_revision.live <> '{{}}' AND ({condition})"
    return RawSQL(f"({condition})", [], output_field=models.BooleanField())  # noqa: S611


def _shown(rows: QuerySet[Revision]) -> QuerySet[Any]:
    """Return rows with what the queue shows of each; their contents stay where they are."""
    first = "supplychain_revision.proposed->'main_pictures'->>0"
    name = "supplychain_revision.proposed->>'name'"
    text = models.TextField()
    return (
        rows.defer("proposed", "live")
        .select_related("product__supplier__company", "product__category")
        .annotate(
            first_picture=RawSQL(f"({first})", [], output_field=text),  # noqa: S611
            wanted_name=RawSQL(f"({name})", [], output_field=text),  # noqa: S611
            **{f"is_{kind}": _is(kind) for kind in KINDS},
        )
    )


def _kinds_of(row: Any) -> list[Any]:
    return [label for key, (label, _sql) in KINDS.items() if getattr(row, f"is_{key}")]


def _thumbnails(rows: Iterable[Any]) -> dict[str, str]:
    uids = [row.first_picture for row in rows if row.first_picture]
    found = Picture.objects.filter(uid__in=uids).values_list("uid", "thumbnail")
    return {str(uid): pictures.address(name) for uid, name in found}


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
