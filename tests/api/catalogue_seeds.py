"""What the examples of selection, changes and catalogue files speak of."""

from django.utils import timezone

from api import catalogue_examples
from supplychain import exporting, selecting
from supplychain.models import CatalogueExport, Product
from supplychain.selecting import Wanted
from tests.api.signed import Shop


def seed(shop: Shop, name: str) -> None:
    """A selection but where the example makes one, and a finished file."""
    item_no = Product.objects.values_list("item_no", flat=True)[0]
    if name != "selection_add":
        selecting.select(
            distributor=shop.distributor,
            wanted=Wanted(item_nos=(item_no,)),
            at=timezone.now(),
        )
    if name in ("catalogue_exports_read", "catalogue_exports_fetch"):
        exporting.ask(distributor=shop.distributor, in_full=False, at=timezone.now())
        exporting.write_due(at=timezone.now())
        CatalogueExport.objects.update(export_id=catalogue_examples.EXPORT_ID)
