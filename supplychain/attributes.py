"""What a category asks suppliers to say of their goods: inherited downwards, checked when proposed."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from kit import bulk
from kit.errors import DomainError
from supplychain.models import MAX_ATTRIBUTE_VALUE, AttributeKind, CategoryAttribute

MAX_ATTRIBUTES = 100
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
# Each category with those it inherits from, the root's attributes first; a nearer one of the same
# name takes the place of one farther away.
_ASKED = """
SELECT category.id, attribute.id
FROM supplychain_category category
JOIN supplychain_category above
    ON above.path = category.path OR starts_with(category.path, above.path || '/')
JOIN supplychain_categoryattribute attribute ON attribute.category_id = above.id
WHERE category.id = ANY(%s::bigint[])
ORDER BY category.id, length(above.path), attribute.position, attribute.id
"""

# The attributes asked for, by the primary key of a category and by name.
Asked = Mapping[int, Mapping[str, CategoryAttribute]]


class AttributeMissing(DomainError):
    code = "attribute_missing"
    text = _("“{name}” is missing: this category asks for it.")


class AttributeUnknown(DomainError):
    code = "attribute_unknown"
    text = _("This category does not ask for “{name}”.")


class AttributeInvalid(DomainError):
    code = "attribute_invalid"
    text = _("“{value}” does not fit “{name}”: {rule}")


def asked_of(category_pks: Collection[int]) -> Asked:
    """Return what some categories ask for, in the order of their forms, in two queries."""
    pairs = bulk.query(_ASKED, [bulk.array(category_pks)])
    rows = CategoryAttribute.objects.in_bulk({pk for _category_pk, pk in pairs}) if pairs else {}
    found: dict[int, dict[str, CategoryAttribute]] = {}
    for category_pk, pk in pairs:
        attribute = rows[pk]
        found.setdefault(category_pk, {})[attribute.name] = attribute
    return found


def wrong(
    values: Mapping[str, str], asked: Mapping[str, CategoryAttribute]
) -> Iterator[DomainError]:
    """Name everything that a category does not accept, or misses."""
    for name, attribute in asked.items():
        if attribute.required and not values.get(name):
            yield AttributeMissing(pointer=f"/attributes/{name}", name=name)
    for name, value in values.items():
        if name not in asked:
            yield AttributeUnknown(pointer=f"/attributes/{name}", name=name)
        elif rule := _rule_against(asked[name], value):
            yield AttributeInvalid(pointer=f"/attributes/{name}", name=name, value=value, rule=rule)


def tidy(values: Mapping[str, str]) -> dict[str, str]:
    """Return what was really said, without blanks around it."""
    said = {name.strip(): value.strip() for name, value in values.items()}
    return {name: value for name, value in said.items() if value}


def lines(values: Mapping[str, str]) -> Sequence[str]:
    """Return attributes as they are shown in a list: `材质: 棉`."""
    return [f"{name}: {value}" for name, value in values.items()]


def _rule_against(attribute: CategoryAttribute, value: str) -> str:
    """Return the rule that a value breaks; nothing where it fits."""
    if attribute.kind == AttributeKind.CHOICE and value not in attribute.choices:
        return str(_("choose one of {choices}.")).format(choices="、".join(attribute.choices))
    if attribute.kind == AttributeKind.NUMBER and not NUMBER.fullmatch(value):
        return str(_("write a number such as 12 or 12.5."))
    if len(value) > MAX_ATTRIBUTE_VALUE or not value.isprintable():
        return str(_("write up to {limit} characters on one line.")).format(
            limit=MAX_ATTRIBUTE_VALUE
        )
    return ""
