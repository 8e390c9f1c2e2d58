"""What the product form begins with: what was submitted last, or what its reader left."""

from collections.abc import Collection, Mapping
from typing import Any

from backoffice import detail_text
from backoffice.attribute_forms import ATTRIBUTE
from backoffice.product_forms import ProductForm
from supplychain import checking
from supplychain.content import Content
from supplychain.drafting import Fields


def of_content(live: Content, owner_no: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return what the product form begins with; `labels` name category and brand."""
    names = list(dict.fromkeys(name for sku in live.skus for name in sku.spec))
    values: dict[str, Any] = {
        "owner_no": owner_no,
        "name": live.name,
        "category": labels["category"],
        "brand": labels["brand"],
        "unit": live.unit,
        "origin": live.origin,
        "freight_template": str(live.freight_template_pk or ""),
        "ship_within_hours": live.ship_within_hours,
        "aftersale_note": live.aftersale_note,
        "detail": detail_text.to_text(live.detail_html),
        "detail_html": live.detail_html,
        "regions_not_served": list(live.regions_not_served),
        "several": bool(names),
        "attributes": live.attributes,
    }
    if live.allowed_applications is not None:
        values["allowed_applications"] = list(live.allowed_applications)
    return values | {f"spec_{place}": name for place, name in enumerate(names)}


def skus_of(latest: Content, there: set[str]) -> list[dict[str, Any]]:
    """Return what the sku rows begin with; `there` holds the numbers that are live."""
    names = list(dict.fromkeys(name for sku in latest.skus for name in sku.spec))
    return [
        {
            "owner_no": sku.owner_no,
            "supply_price": sku.supply_price_fen,
            "retail_price": sku.retail_price_fen,
            "opening_stock": sku.opening_stock or None,
            "barcode": sku.barcode,
            "weight_g": sku.weight_g or None,
            "min_quantity": sku.min_quantity,
            "max_quantity": sku.max_quantity,
            "multiple": sku.multiple,
            "is_there": sku.owner_no in there,
            **{f"value_{place}": sku.spec.get(name, "") for place, name in enumerate(names)},
        }
        for sku in latest.skus
    ]


def of_draft(draft: Fields) -> dict[str, Any]:
    """Return what the product form goes on with where it was left."""
    several = {"allowed_applications", "regions_not_served"}
    names = [
        *ProductForm.base_fields,
        *(name for name in draft if name.startswith((ATTRIBUTE, "spec_"))),
    ]
    values: dict[str, Any] = {
        name: list(draft.get(name, ())) if name in several else _last(draft, name) for name in names
    }
    return values | {"several": "several" in draft}


def skus_of_draft(draft: Fields, there: Collection[str]) -> list[dict[str, Any]]:
    """Return the sku rows of a draft that were not taken away."""
    total = _last(draft, "skus-TOTAL_FORMS")
    count = min(int(total), checking.MAX_SKUS) if total.isascii() and total.isdigit() else 0
    rows: list[dict[str, Any]] = []
    for place in range(count):
        prefix = f"skus-{place}-"
        row = {
            name.removeprefix(prefix): _last(draft, name)
            for name in draft
            if name.startswith(prefix)
        }
        if row and not row.pop("DELETE", ""):
            rows.append({**row, "is_there": row.get("owner_no") in there})
    return rows


def _last(draft: Fields, name: str) -> str:
    return next(reversed(draft.get(name, ())), "")
