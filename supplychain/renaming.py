"""Renaming: what a brand or category is called is part of every product that shows it.

The feed of changes learns of it from triggers; who is to be called back, from what is noted here.
"""

from datetime import datetime

from django.db import models, transaction
from django.db.models import F

from supplychain import noting
from supplychain.models import Brand, Category, Product, ProductState

# What products show of each.
SHOWN: dict[type[models.Model], tuple[str, ...]] = {
    Brand: ("code", "name"),
    Category: ("code", "path"),
}


@transaction.atomic(savepoint=False)
def keep_within(thing: Brand | Category, *, at: datetime) -> None:
    """Save a brand or category as it was changed; who asked for its goods is told of each product.

    In a fixed number of statements, however many products there are.
    """
    if thing.pk is not None and _is_shown_otherwise(thing):
        _note_goods(thing, at)
    thing.save()


def _is_shown_otherwise(thing: Brand | Category) -> bool:
    names = SHOWN[type(thing)]
    before = type(thing)._default_manager.get(pk=thing.pk)
    return any(getattr(before, name) != getattr(thing, name) for name in names)


def _note_goods(thing: Brand | Category, at: datetime) -> None:
    """All of its goods are locked, so that none comes on sale meanwhile and is passed over."""
    own = {"brand" if isinstance(thing, Brand) else "category": thing.pk}
    goods = Product.objects.filter(**own)
    states = goods.locked().values_list("pk", "state")
    noting.before_change([pk for pk, state in states if state == ProductState.LISTED], at=at)
    listed = goods.filter(state=ProductState.LISTED)
    listed.update(version=F("version") + 1, changed_at=at)
