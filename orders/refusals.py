"""Refused orders, readable for some days: outside of the books, and never in the way of an answer."""

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from companies import policies
from kit import bulk, money
from kit.errors import DomainError
from orders.models import Refusal
from orders.requests import OrderRequest

logger = logging.getLogger(__name__)

# A refusal of a hundred lines says enough by its first ones.
MAX_CAUSES = 20
FORGOTTEN_AT_ONCE = 10_000

# Machines are told amounts in fen; people read yuan.
IN_YUAN: dict[str, Promise] = {
    "deposit_insufficient": _(
        "The deposit is short by {shortfall_fen}: {needed_fen} needed, {available_fen} available."
    ),
    "price_changed": _(
        "“{sku_no}” costs {agreement_price_fen} now, not {expected_agreement_price_fen}."
    ),
    "total_too_large": _("An order may come to {limit} at the most."),
}

# One order and what became of it.
Case = tuple[OrderRequest, object]


def note(outcomes: Iterable[Case], *, at: datetime) -> None:
    """Write down which orders were refused, in a transaction of its own; if it fails, so be it."""
    refused = [(one, outcome) for one, outcome in outcomes if isinstance(outcome, DomainError)]
    if not refused:
        return
    try:
        with transaction.atomic():
            write(refused, at=at)
    except DatabaseError:
        logger.exception("%s refused orders could not be noted", len(refused))


def write(refused: Iterable[tuple[OrderRequest, DomainError]], *, at: datetime) -> None:
    """Write refusals down, one row each, in the running transaction."""
    rows = list(refused)
    bulk.insert(
        "orders_refusal",
        {
            "distributor_id": ("bigint", [request.distributor_pk for request, _ in rows]),
            "out_order_no": ("text", [request.out_order_no for request, _ in rows]),
            "code": ("text", [refusal.code for _, refusal in rows]),
            "causes": ("jsonb", [_causes(refusal) for _, refusal in rows]),
            "actor": ("text", [str(request.actor) for request, _ in rows]),
            "refused_at": ("timestamptz", bulk.Same(at)),
        },
    )


def sentences(refusal: Refusal) -> list[str]:
    """Say why an order was refused, to people and in their language."""
    return said(refusal.causes)


def causes(refusal: DomainError) -> list[dict[str, Any]]:
    """Return what a refusal names, as it is kept: one entry for each cause."""
    found: list[dict[str, Any]] = json.loads(_causes(refusal))
    return found


def said(causes: Iterable[dict[str, Any]]) -> list[str]:
    """Say kept causes to people, in their language."""
    return [_sentence(cause) for cause in causes]


def forget(*, at: datetime) -> int:
    """Delete the refusals that are older than the policy's days; return how many."""
    before = at - timedelta(days=policies.read().refusals_kept_days)
    count = 0
    while True:
        deleted = bulk.execute(
            "DELETE FROM orders_refusal WHERE id IN ("
            " SELECT id FROM orders_refusal WHERE refused_at < %s LIMIT %s)",
            [before, FORGOTTEN_AT_ONCE],
        )
        count += deleted
        if deleted < FORGOTTEN_AT_ONCE:
            return count


def _causes(refusal: DomainError) -> str:
    causes = refusal.causes or (refusal,)
    told = [
        {"code": cause.code, "pointer": cause.pointer, "values": cause.values}
        for cause in causes[:MAX_CAUSES]
    ]
    return json.dumps(told, ensure_ascii=False, default=str)


def _sentence(cause: dict[str, Any]) -> str:
    code, told = cause["code"], cause["values"]
    text = _texts().get(code)
    if code in IN_YUAN:
        text, told = IN_YUAN[code], {name: _in_yuan(name, told[name]) for name in told}
    try:
        return str(text).format_map(told) if text else code
    except (KeyError, ValueError):
        # A later release may say it with other values.
        return str(code)


def _in_yuan(name: str, value: Any) -> Any:
    is_amount = isinstance(value, int) and (name.endswith("_fen") or name == "limit")
    return money.yuan(value) if is_amount else value


@lru_cache(maxsize=1)
def _texts() -> dict[str, str | Promise]:
    return {kind.code: kind.text for kind in DomainError.all_kinds()}
