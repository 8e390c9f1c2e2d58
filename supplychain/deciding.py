"""Deciding a revision: approved ones go live at once, or when their time has come."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import models

from kit import states
from kit.actors import Actor
from kit.errors import NotFound, WrongState
from supplychain import checking, content, going_live, pausing
from supplychain.content import SkuContent
from supplychain.models import Product, Revision, RevisionState


def locked(revisions: models.QuerySet[Revision], *allowed: RevisionState) -> Revision:
    """Lock the one revision after its product; what decides of it may put that on sale.

    :raises NotFound: there is none.
    :raises WrongState: it is in none of the states `allowed`.
    """
    found = revisions.values_list("product_id", "product__supplier_id").first()
    if found is None:
        raise NotFound
    product_pk, supplier_pk = found
    pausing.hold([supplier_pk])
    product = Product.objects.locked().select_related("supplier").get(pk=product_pk)
    revision = revisions.select_for_update(of=("self",), no_key=True).get()
    if revision.state not in allowed:
        raise WrongState(state=revision.get_state_display())
    revision.product = product
    return revision


def decide(
    revisions: Sequence[Revision],
    known: checking.Known,
    *,
    actor: Actor,
    at: datetime,
    unlisted: Collection[int] = (),
) -> set[int]:
    """Approve open revisions on locked products; those whose time has come go live.

    Products of the revisions `unlisted` are not listed by it. Returns which revisions went live.
    """
    pks = [revision.pk for revision in revisions]
    states.move(
        Revision.objects.filter(pk__in=pks),
        sources=[RevisionState.OPEN],
        target=RevisionState.APPROVED,
        count=len(pks),
        decided_by=str(actor),
        decided_at=at,
    )
    due = [r for r in revisions if r.effective_at is None or r.effective_at <= at]
    apply(due, known, actor=actor, at=at, unlisted=unlisted)
    return {revision.pk for revision in due}


def apply(
    revisions: Sequence[Revision],
    known: checking.Known,
    *,
    actor: Actor,
    at: datetime,
    unlisted: Collection[int] = (),
) -> None:
    """Let approved revisions on locked products go live."""
    pks = [revision.pk for revision in revisions]
    states.move(
        Revision.objects.filter(pk__in=pks),
        sources=[RevisionState.APPROVED],
        target=RevisionState.APPLIED,
        count=len(pks),
        applied_at=at,
    )
    arrivals = [_arrival(revision, revision.pk not in unlisted) for revision in revisions]
    going_live.go_live(arrivals, picture_pks=known.picture_pks, actor=actor, at=at)


def _arrival(revision: Revision, list_it: bool) -> going_live.Arrival:
    proposed = content.from_json(revision.proposed)
    retail_prices_fen = revision.terms.get("retail_prices_fen", {})
    skus = tuple(_priced(sku, retail_prices_fen) for sku in proposed.skus)
    return going_live.Arrival(
        product=revision.product,
        content=msgspec.structs.replace(proposed, skus=skus),
        markups_fen=revision.terms.get("markups_fen", {}),
        list_it=list_it,
    )


def _priced(sku: SkuContent, retail_prices_fen: Mapping[str, int]) -> SkuContent:
    price_fen = retail_prices_fen.get(sku.owner_no, sku.retail_price_fen)
    return msgspec.structs.replace(sku, retail_price_fen=price_fen)
