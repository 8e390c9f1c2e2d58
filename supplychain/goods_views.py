"""Views of the goods list: filters that somebody named, one of which may open by itself."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain.models import GoodsView

MAX_VIEWS = 20
MAX_NAME = 30
MAX_QUERY = 500


class ViewInvalid(DomainError):
    code = "view_invalid"
    text = _("Give the view a name of 1 to {limit} characters.")


class TooManyViews(DomainError):
    code = "too_many_views"
    text = _("You have {limit} views already; delete one first.")


@transaction.atomic(durable=True)
def save(
    *, person: Person, supplier: Supplier, name: str, query: str, is_default: bool
) -> GoodsView:
    """Keep a filter under a name, in place of the one of that name.

    :raises ViewInvalid: no name, or a filter that is too long.
    :raises TooManyViews: over the limit.
    """
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable() or len(query) > MAX_QUERY:
        raise ViewInvalid(limit=MAX_NAME)
    # One after the other, so that two windows cannot both make a default.
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    mine = GoodsView.objects.filter(person=person, supplier=supplier)
    if not mine.filter(name=name).exists() and mine.count() >= MAX_VIEWS:
        raise TooManyViews(limit=MAX_VIEWS)
    if is_default:
        mine.update(is_default=False)
    view, _created = mine.update_or_create(
        name=name,
        defaults={"query": query, "is_default": is_default},
        create_defaults={
            "person": person,
            "supplier": supplier,
            "query": query,
            "is_default": is_default,
        },
    )
    return view


@transaction.atomic(durable=True)
def delete(*, person: Person, supplier: Supplier, pk: int) -> None:
    """Forget a view.

    :raises NotFound: somebody else's, or there is none.
    """
    deleted, _rows = GoodsView.objects.filter(person=person, supplier=supplier, pk=pk).delete()
    if not deleted:
        raise NotFound
