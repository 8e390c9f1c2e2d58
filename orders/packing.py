"""What is printed for those who pack: how many pieces to fetch of each sku, and a parcel's label."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.labels import Label
from orders.models import Fulfilment, Line


@dataclass(frozen=True, slots=True)
class Picked:
    """Pieces of a sku that several orders want."""

    line: Line
    pieces: int
    orders: int


def picked(parts: Sequence[Fulfilment]) -> list[Picked]:
    """Sum what is to be shipped by sku, in the order of their numbers."""
    pieces: Counter[int] = Counter()
    orders: Counter[int] = Counter()
    first: dict[int, Line] = {}
    for part in parts:
        for line in part.lines.all():
            if line.to_ship:
                pieces[line.sku_id] += line.to_ship
                first.setdefault(line.sku_id, line)
        orders.update({line.sku_id for line in part.lines.all() if line.to_ship})
    in_order = sorted(first.values(), key=lambda line: line.sku_no)
    return [Picked(line, pieces[line.sku_id], orders[line.sku_id]) for line in in_order]


def label(part: Fulfilment, at: datetime) -> Label:
    """Return the label of all that is left of a part, with its consignee in the clear."""
    consignee = part.order.consignee
    name, phone, detail = consignee.opened
    lines = [line for line in part.lines.all() if line.to_ship]
    contents = [f"{line.name} {line.spec_text} × {line.to_ship}" for line in lines]
    if part.order.remark:
        contents.append(f"{_('Remark')}: {part.order.remark}")
    pieces = sum(line.to_ship for line in lines)
    counted = ngettext("{count} piece", "{count} pieces", pieces).format(count=pieces)
    return Label(
        number=part.order.order_no,
        name=f"{name}  {phone}",
        address=f"{consignee.province}{consignee.city}{consignee.district}{detail}",
        contents=contents,
        foot=f"{counted} · {timezone.localtime(at):%Y-%m-%d %H:%M}",
    )
