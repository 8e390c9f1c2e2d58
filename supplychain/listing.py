"""Listing: offering approved products, and taking them off sale, one or many at once."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kit import money, states
from kit.actors import Actor
from kit.errors import DomainError, NotFound, WrongState
from suppliers import securing
from suppliers.models import Supplier
from supplychain import noting, pausing
from supplychain.models import Product, ProductState, Sku

MAX_AT_ONCE = 1_000
MAX_REASON = 200
OFF_SALE = [ProductState.DRAFT, ProductState.DELISTED]


class TooManyProducts(DomainError):
    code = "too_many_products"
    text = _("Up to {limit} products can be changed at once; these are {count}.")


class ProductNotApproved(DomainError):
    code = "product_not_approved"
    text = _("“{item_no}” was never approved, so it cannot be listed.")


class SecurityDepositShort(DomainError):
    code = "security_deposit_short"
    text = _(
        "The security deposit of {supplier} is {paid}, and {required} are required: it can list no"
        " new goods. What was listed before can be listed again."
    )


class WaitsForHoliday(DomainError):
    code = "waits_for_holiday"
    text = _("“{item_no}” comes on sale by itself on {day}, when its supplier is back.")


class ReasonTooLong(DomainError):
    code = "reason_too_long"
    text = _("A reason has {limit} characters at the most.")


@transaction.atomic(durable=True)
def list_product(
    *, product_pk: int, supplier: Supplier | None, actor: Actor, at: datetime, reason: str = ""
) -> Product:
    """Offer a product of a supplier; without one the platform acts, which may list any.

    While its supplier is on holiday it waits, and comes on sale when that is over.

    :raises NotFound: no such product of this owner.
    :raises WrongState: it is listed already.
    :raises WaitsForHoliday: it waits already.
    :raises ProductNotApproved: nothing of it was ever approved.
    :raises SecurityDepositShort: it is new, and its supplier has paid in too little security.
    """
    changed = list_within(
        product_pks=[product_pk], supplier=supplier, actor=actor, at=at, reason=reason
    )
    return _the_one(product_pk, changed)


@transaction.atomic(durable=True)
def delist_product(
    *, product_pk: int, supplier: Supplier | None, actor: Actor, at: datetime, reason: str = ""
) -> Product:
    """Take a product off sale; what was ordered goes on. As for `list_product`.

    What waits for the end of a holiday stays off sale then.

    :raises NotFound: no such product of this owner.
    :raises WrongState: it is not listed.
    """
    changed = delist_within(
        product_pks=[product_pk], supplier=supplier, actor=actor, at=at, reason=reason
    )
    return _the_one(product_pk, changed)


@transaction.atomic(durable=True)
def list_products(
    *,
    product_pks: Collection[int],
    supplier: Supplier | None,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> list[int]:
    """Offer many products at once; all, or none if one is refused. Listed ones stay as they are.

    Those of suppliers on holiday wait, and come on sale when that is over. Returns the primary keys
    of those that changed.

    :raises NotFound: one of them is no product of this owner.
    :raises ProductNotApproved: one of them was never approved.
    :raises SecurityDepositShort: one is new, and its supplier has paid in too little security.
    :raises TooManyProducts: over the limit.
    """
    return list_within(
        product_pks=product_pks, supplier=supplier, actor=actor, at=at, reason=reason
    )


@transaction.atomic(durable=True)
def delist_products(
    *,
    product_pks: Collection[int],
    supplier: Supplier | None,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> list[int]:
    """Take many products off sale at once; those that are off sale stay as they are.

    What waits for the end of a holiday stays off sale then. Returns the primary keys of those that
    changed.

    :raises NotFound: one of them is no product of this owner.
    :raises TooManyProducts: over the limit.
    """
    return delist_within(
        product_pks=product_pks, supplier=supplier, actor=actor, at=at, reason=reason
    )


@transaction.atomic(savepoint=False)
def list_within(
    *,
    product_pks: Collection[int],
    supplier: Supplier | None,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> list[int]:
    """Do as `list_products`, in the caller's transaction."""
    pausing.hold(_owners(product_pks))
    products = _locked(product_pks, supplier)
    approved = set(
        Sku.objects.filter(product__in=products, offered=True).values_list("product_id", flat=True)
    )
    for product in products:
        if product.pk not in approved:
            raise ProductNotApproved(item_no=product.item_no)
    _check_security(products)
    closed = pausing.running(products)
    open_ones = [product for product in products if product.supplier_id not in closed]
    return [
        *_move(open_ones, OFF_SALE, ProductState.LISTED, actor=actor, at=at, reason=reason),
        *pausing.wait(products, closed, at=at),
    ]


@transaction.atomic(savepoint=False)
def delist_within(
    *,
    product_pks: Collection[int],
    supplier: Supplier | None,
    actor: Actor,
    at: datetime,
    reason: str = "",
) -> list[int]:
    """Do as `delist_products`, in the caller's transaction."""
    products = _locked(product_pks, supplier)
    sources = [ProductState.LISTED]
    return [
        *_move(products, sources, ProductState.DELISTED, actor=actor, at=at, reason=reason),
        *_keep_off(products, actor=actor, at=at, reason=reason),
    ]


@transaction.atomic(savepoint=False)
def resume_within(*, product_pks: Collection[int], actor: Actor, at: datetime) -> list[int]:
    """List what waited for a holiday's end; whoever ends it holds the supplier's lock."""
    products = [one for one in _locked(product_pks, None) if pausing.is_waiting(one)]
    return _move(products, OFF_SALE, ProductState.LISTED, actor=actor, at=at, reason="")


def _owners(product_pks: Collection[int]) -> list[int | None]:
    rows = Product.objects.filter(pk__in=product_pks).order_by().distinct()
    return list(rows.values_list("supplier_id", flat=True))


def _locked(product_pks: Collection[int], supplier: Supplier | None) -> list[Product]:
    wanted = set(product_pks)
    if len(wanted) > MAX_AT_ONCE:
        raise TooManyProducts(limit=MAX_AT_ONCE, count=len(wanted))
    reachable = Product.objects.of(supplier) if supplier else Product.objects.all()
    products = list(reachable.filter(pk__in=wanted).locked())
    if len(products) != len(wanted):
        raise NotFound
    return products


def _check_security(products: Collection[Product]) -> None:
    """Refuse goods that were never listed of suppliers whose security deposit is short."""
    new = [one for one in products if one.state == ProductState.DRAFT]
    new_of = {one.supplier_id for one in new if one.supplier_id is not None}
    required = Supplier.objects.filter(pk__in=new_of, security_required_fen__gt=0)
    for supplier in required.order_by("pk").select_related("company"):
        if securing.is_short(supplier):
            raise SecurityDepositShort(
                supplier=str(supplier),
                paid=money.yuan(securing.paid_fen(supplier)),
                required=money.yuan(supplier.security_required_fen),
            )


def _move(
    products: Collection[Product],
    sources: Collection[ProductState],
    target: ProductState,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
) -> list[int]:
    if len(reason) > MAX_REASON:
        raise ReasonTooLong(pointer="/reason", limit=MAX_REASON)
    pks = [product.pk for product in products if product.state in sources]
    noting.before_change(pks, at=at)
    states.move(
        Product.objects.filter(pk__in=pks),
        sources=list(sources),
        target=target,
        count=len(pks),
        version=F("version") + 1,
        changed_at=at,
        state_changed_by=str(actor),
        state_changed_at=at,
        state_reason=reason,
    )
    return pks


def _keep_off(
    products: Collection[Product], *, actor: Actor, at: datetime, reason: str
) -> list[int]:
    """Take what waits for the end of a holiday out of it: it is off sale for whom `actor` is."""
    pks = [product.pk for product in products if pausing.is_waiting(product)]
    Product.objects.filter(pk__in=pks).update(
        state_changed_by=str(actor), state_changed_at=at, state_reason=reason
    )
    return pks


def _the_one(product_pk: int, changed: Collection[int]) -> Product:
    product = Product.objects.get(pk=product_pk)
    day = pausing.opens_on(product)
    if product_pk not in changed and day is not None:
        raise WaitsForHoliday(item_no=product.item_no, day=day.isoformat())
    if product_pk not in changed:
        raise WrongState(state=product.get_state_display())
    return product
