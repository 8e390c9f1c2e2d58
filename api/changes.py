"""The feed of changes: what happened to goods since the caller read last."""

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, DateTimeField, IntegerField

from api import catalogue_examples, describing, fields
from api.answers import Answer
from api.fields import Shape, Whole
from api.goods_answers import ProductSummaryAnswer
from api.pages import DEFAULT_LIMIT, MAX_LIMIT
from api.views import ApiView
from kit.times import rfc3339
from supplychain import following


class ChangesQuery(Shape):
    """From where on to read."""

    after = Whole(
        min_value=0,
        max_value=following.MAX_SEQ,
        required=False,
        help_text=_("The `position` of the answer before; without it from the oldest kept on."),
    )
    limit = Whole(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)


class ChangeAnswer(Answer):
    """A change of a product, or of everything (without item_no)."""

    seq = IntegerField()
    kind = CharField(
        help_text=_(
            "listed, updated, price, delisted; of everything: catalogue_prices (read all prices "
            "again), catalogue (read all products again)."
        )
    )
    item_no = CharField(allow_null=True)
    changed_at = DateTimeField()
    product = ProductSummaryAnswer(
        allow_null=True, help_text=_("As it is now, at your prices; null: take it off sale.")
    )


class ChangePageAnswer(Answer):
    """Changes, oldest first."""

    items = ChangeAnswer(many=True)
    next = CharField(allow_null=True, help_text=_("`position` while there is more, else null."))
    position = IntegerField(help_text=_("Keep it: the `after` of your next call."))
    latest = IntegerField(help_text=_("The newest position; keep it before you copy everything."))


class Changes(ApiView):
    """What changed."""

    scopes = {"GET": "goods"}

    @describing.operation(
        "products_changes",
        summary=_("Read what changed of products, oldest first."),
        tag="goods",
        description=_(
            "Of everything that you see, selected or not; kept as long as events. Several changes "
            "of a product on a page are one item, with the product as it is now. Stock alone is no "
            "change: stock.changed and the look-up tell it. A page may have fewer items than "
            "`limit`, even none, while `next` goes on."
        ),
        answer=ChangePageAnswer,
        query=ChangesQuery,
        example=catalogue_examples.CHANGE_PAGE,
        problems=("changes_not_kept",),
    )
    def get(self, request: Request) -> Response:
        """Read changes in order, those that were committed just now included."""
        query = fields.read_query(ChangesQuery, request.query_params)
        reading = following.read(
            self.caller.distributor, after=query.get("after"), limit=query["limit"]
        )
        items = [
            {
                "seq": note.seq,
                "kind": note.kind,
                "item_no": note.item_no,
                "changed_at": rfc3339(note.changed_at),
                "product": note.product,
            }
            for note in reading.notes
        ]
        more = reading.position < reading.latest
        return Response(
            {
                "items": items,
                "next": str(reading.position) if more else None,
                "position": reading.position,
                "latest": reading.latest,
            }
        )
