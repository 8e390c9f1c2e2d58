"""Pausing: what is put on sale while its supplier is on holiday waits until the holiday is over.

What waits is off sale, and carries the holiday timer's name. Whoever may put something on sale calls
`hold` before any product is locked, so that no holiday begins or ends meanwhile.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.db.models import F
from django.utils import timezone

from kit import actors, bulk
from supplychain.models import Holiday, HolidayState, Product, ProductState

TIMER = actors.timer("holiday")

# Shared: those who list goods do not wait for each other, only for who closes or opens.
_HOLD = """
SELECT id FROM suppliers_supplier WHERE id = ANY(%s::bigint[]) ORDER BY id FOR SHARE
"""


def hold(supplier_pks: Iterable[int | None]) -> None:
    """Keep suppliers' holidays from beginning and ending until the transaction ends."""
    held = {pk for pk in supplier_pks if pk is not None}
    if held:
        bulk.query(_HOLD, [bulk.array(sorted(held))])


def running(products: Iterable[Product]) -> dict[int, Holiday]:
    """Return the holidays that the suppliers of products are on, by supplier."""
    suppliers = {product.supplier_id for product in products} - {None}
    rows = Holiday.objects.filter(supplier__in=suppliers, state=HolidayState.RUNNING)
    return {holiday.supplier_id: holiday for holiday in rows} if suppliers else {}


def is_waiting(product: Product) -> bool:
    """Tell whether a product is off sale for nothing but a holiday."""
    return product.state != ProductState.LISTED and product.state_changed_by == str(TIMER)


def opens_on(product: Product) -> date | None:
    """Return the day on which a product comes on sale by itself, if it waits for one."""
    holiday = running([product]).get(product.supplier_id or 0) if is_waiting(product) else None
    return timezone.localdate(holiday.ends_at) if holiday else None


def wait(
    products: Collection[Product], holidays: Mapping[int, Holiday], *, at: datetime
) -> list[int]:
    """Let locked products of suppliers on holiday come on sale when that is over.

    Returns the primary keys of those that did not wait before.
    """
    changed = []
    for supplier_pk, holiday in sorted(holidays.items()):
        new = [
            product.pk
            for product in products
            if product.supplier_id == supplier_pk
            and product.state != ProductState.LISTED
            and not is_waiting(product)
        ]
        _mark(new, holiday, at)
        changed += new
    return changed


def _mark(product_pks: Collection[int], holiday: Holiday, at: datetime) -> None:
    """Nothing that distributors see is different, so no version rises and nobody is told."""
    if product_pks:
        Product.objects.filter(pk__in=product_pks).update(
            state_changed_by=str(TIMER), state_changed_at=at, state_reason=holiday.message
        )
        counted = F("paused") + len(product_pks)
        Holiday.objects.filter(pk=holiday.pk).update(paused=counted)
