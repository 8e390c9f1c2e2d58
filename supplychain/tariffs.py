"""Keeping freight templates: what an owner charges for shipping, by region."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, NotFound
from suppliers.models import Supplier
from supplychain import regions
from supplychain.models import ChargeBy, FreightRule, FreightTemplate

MAX_NAME = 60
MAX_RULES = 40
MAX_TEMPLATES = 200
MAX_UNITS = 10_000_000
MAX_FEN = 100_000_00


class TemplateNameInvalid(DomainError):
    code = "template_name_invalid"
    text = _("A freight template's name has 1 to {limit} characters on one line.")


class TemplateNameTaken(DomainError):
    code = "template_name_taken"
    text = _("There is a freight template “{name}” already.")


class TooManyTemplates(DomainError):
    code = "too_many_templates"
    text = _("There may be {limit} freight templates at the most.")


class RulesInvalid(DomainError):
    code = "rules_invalid"
    text = _("A freight template has 1 to {limit} rules.")


class EverywhereMissing(DomainError):
    code = "everywhere_missing"
    text = _("Exactly one rule is for everywhere else: leave its regions empty.")


class RegionTwice(DomainError):
    code = "region_twice"
    text = _("“{region}” is in two rules.")


class FreightOutOfRange(DomainError):
    code = "freight_out_of_range"
    text = _("A rule's amounts are from 0 to {limit_fen} fen, its steps from 1 to {limit_units}.")


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of a template as its owner writes it; see `FreightRule`. No regions: everywhere else."""

    regions: tuple[str, ...]
    first_fen: int
    further_fen: int = 0
    first_units: int = 1
    further_units: int = 1
    free_from_units: int | None = None
    free_from_fen: int | None = None


@transaction.atomic(durable=True)
def save_template(
    *,
    supplier: Supplier | None,
    name: str,
    charge_by: ChargeBy,
    rules: Sequence[Rule],
    template_pk: int | None = None,
) -> FreightTemplate:
    """Make a freight template of an owner (None: the platform), or change one, with all its rules.

    Orders from now on are charged by it; what was ordered keeps its freight.

    :raises NotFound: the owner has no such template.
    :raises TemplateNameInvalid: empty or too long.
    :raises TemplateNameTaken: another template of the owner has this name.
    :raises TooManyTemplates: the owner has its full number.
    :raises RulesInvalid: none, or too many.
    :raises EverywhereMissing: not exactly one rule is without regions.
    :raises RegionUnknown: a region is no province that we know.
    :raises RegionTwice: a region is in two rules.
    :raises FreightOutOfRange: an amount or step is absurd.
    """
    name = name.strip()
    tidy = _checked(rules)
    template = _template(supplier, template_pk)
    _check_name(supplier, name, template)
    template.name, template.charge_by = name, ChargeBy(charge_by)
    template.save()
    template.rules.all().delete()
    FreightRule.objects.bulk_create(
        FreightRule(
            template=template,
            regions=list(rule.regions),
            first_units=rule.first_units,
            first_fen=rule.first_fen,
            further_units=rule.further_units,
            further_fen=rule.further_fen,
            free_from_units=rule.free_from_units,
            free_from_fen=rule.free_from_fen,
        )
        for rule in tidy
    )
    return template


def _template(supplier: Supplier | None, template_pk: int | None) -> FreightTemplate:
    owned = FreightTemplate.objects.filter(supplier=supplier)
    if template_pk is None:
        if owned.count() >= MAX_TEMPLATES:
            raise TooManyTemplates(limit=MAX_TEMPLATES)
        return FreightTemplate(supplier=supplier)
    template = owned.select_for_update(no_key=True).filter(pk=template_pk).first()
    if template is None:
        raise NotFound
    return template


def _check_name(supplier: Supplier | None, name: str, template: FreightTemplate) -> None:
    if not (1 <= len(name) <= MAX_NAME and name.isprintable()):
        raise TemplateNameInvalid(pointer="/name", limit=MAX_NAME)
    others = FreightTemplate.objects.filter(supplier=supplier, name=name).exclude(pk=template.pk)
    if others.exists():
        raise TemplateNameTaken(pointer="/name", name=name)


def _checked(rules: Sequence[Rule]) -> list[Rule]:
    if not 1 <= len(rules) <= MAX_RULES:
        raise RulesInvalid(limit=MAX_RULES)
    if sum(not rule.regions for rule in rules) != 1:
        raise EverywhereMissing
    seen: set[str] = set()
    return [_checked_one(place, rule, seen) for place, rule in enumerate(rules)]


def _checked_one(place: int, rule: Rule, seen: set[str]) -> Rule:
    pointer = f"/rules/{place}"
    names = tuple(regions.canonical(region) for region in rule.regions)
    for region in names:
        if region in seen:
            raise RegionTwice(pointer=f"{pointer}/regions", region=region)
        seen.add(region)
    amounts = (rule.first_fen, rule.further_fen, rule.free_from_fen or 0)
    steps = (rule.first_units, rule.further_units, rule.free_from_units or 1)
    fits = all(0 <= fen <= MAX_FEN for fen in amounts)
    if not fits or not all(1 <= units <= MAX_UNITS for units in steps):
        raise FreightOutOfRange(pointer=pointer, limit_fen=MAX_FEN, limit_units=MAX_UNITS)
    return Rule(
        names,
        rule.first_fen,
        rule.further_fen,
        rule.first_units,
        rule.further_units,
        rule.free_from_units,
        rule.free_from_fen,
    )
