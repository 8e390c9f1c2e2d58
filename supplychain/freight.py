"""Freight: what shipping one source's part of an order costs (SPEC §4.3), in fen."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kit import bulk, values
from supplychain.models import ChargeBy
from supplychain.regions import Destination, covers


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a template; see `FreightRule`."""

    charge_by: str
    regions: tuple[str, ...]
    first_units: int
    first_fen: int
    further_units: int
    further_fen: int
    free_from_units: int | None
    free_from_fen: int | None


class Load(values.Value, frozen=True):
    """What one line adds to a parcel."""

    template_pk: int | None
    quantity: int
    weight_g: int
    goods_fen: int


# Rules by template.
Tariffs = Mapping[int, Sequence[Rule]]


def tariffs(template_pks: Collection[int]) -> Tariffs:
    """Read the rules of some templates, in one query."""
    if not template_pks:
        return {}
    rows = bulk.query(
        "SELECT rule.template_id, template.charge_by, rule.regions, rule.first_units,"
        " rule.first_fen, rule.further_units, rule.further_fen, rule.free_from_units,"
        " rule.free_from_fen FROM supplychain_freightrule rule"
        " JOIN supplychain_freighttemplate template ON template.id = rule.template_id"
        " WHERE rule.template_id = ANY(%s::bigint[]) ORDER BY rule.id",
        [bulk.array(template_pks)],
    )
    found: dict[int, list[Rule]] = {}
    for template_pk, charge_by, region_names, *amounts in rows:
        rule = Rule(charge_by, tuple(region_names), *amounts)
        found.setdefault(template_pk, []).append(rule)
    return found


def charge(loads: Iterable[Load], to: Destination, known: Tariffs) -> int:
    """Return the freight of what one source ships together: each template counted once."""
    together: dict[int, Load] = {}
    for load in loads:
        if load.template_pk is None:
            continue
        so_far = together.get(load.template_pk, Load(load.template_pk, 0, 0, 0))
        together[load.template_pk] = Load(
            load.template_pk,
            so_far.quantity + load.quantity,
            so_far.weight_g + load.weight_g,
            so_far.goods_fen + load.goods_fen,
        )
    return sum(_charge_one(load, rule_for(known.get(pk, ()), to)) for pk, load in together.items())


def rule_for(rules: Sequence[Rule], to: Destination) -> Rule | None:
    """Return the first rule that names the destination, else the one for everywhere."""
    for rule in rules:
        if any(covers(region, to) for region in rule.regions):
            return rule
    return next((rule for rule in rules if not rule.regions), None)


def _charge_one(load: Load, rule: Rule | None) -> int:
    if rule is None:
        return 0
    units = load.weight_g if rule.charge_by == ChargeBy.WEIGHT else load.quantity
    if rule.free_from_units is not None and units >= rule.free_from_units:
        return 0
    if rule.free_from_fen is not None and load.goods_fen >= rule.free_from_fen:
        return 0
    further = max(0, units - rule.first_units)
    steps = -(-further // rule.further_units)
    return rule.first_fen + steps * rule.further_fen
