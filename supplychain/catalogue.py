"""The category tree and the brands, found by name and made where they are missing."""

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError
from supplychain.models import Brand, Category

MAX_DEPTH = 5
MAX_NAME = 60
MAX_PATH = 240
CODE_DIGITS = 12


class CategoryPathInvalid(DomainError):
    code = "category_path_invalid"
    text = _("“{path}” is no category path: write 1 to {depth} names joined by “/”.")


class BrandNameInvalid(DomainError):
    code = "brand_name_invalid"
    text = _("“{name}” is no brand name: write 1 to {limit} characters.")


@transaction.atomic(savepoint=False)
def category(path: str) -> Category:
    """Return the category at a path such as `食品/茶叶`; it and those above it are made if missing.

    :raises CategoryPathInvalid: empty, too deep or too long.
    """
    return categories([path])[path]


@transaction.atomic(savepoint=False)
def categories(paths: Iterable[str]) -> dict[str, Category]:
    """Return the category at each path, as `category` does, in few queries.

    :raises CategoryPathInvalid: one of them is empty, too deep or too long.
    """
    tidy = {path: tidy_path(path) for path in paths}
    wanted = {"/".join(names[:depth]) for names in tidy.values() for depth in _depths(names)}
    found = {category.path: category for category in Category.objects.filter(path__in=wanted)}
    # Parents come first, and two who make the same ones meet them in the same order.
    for path in sorted(wanted - found.keys()):
        found[path] = _make(path, found)
    return {path: found["/".join(names)] for path, names in tidy.items()}


@transaction.atomic(savepoint=False)
def brand(name: str) -> Brand:
    """Return the brand of a name; it is made if missing.

    :raises BrandNameInvalid: empty or too long.
    """
    return brands([name])[name]


@transaction.atomic(savepoint=False)
def brands(names: Iterable[str]) -> dict[str, Brand]:
    """Return the brand of each name, as `brand` does, in few queries.

    :raises BrandNameInvalid: one of them is empty or too long.
    """
    tidy = {name: tidy_brand(name) for name in names}
    found = {brand.name: brand for brand in Brand.objects.filter(name__in=tidy.values())}
    for name in sorted(set(tidy.values()) - found.keys()):
        found[name], _created = Brand.objects.get_or_create(
            name=name, defaults={"code": _code("b", name)}
        )
    return {name: found[clean] for name, clean in tidy.items()}


def tidy_path(path: str) -> list[str]:
    """Return the names along a path.

    :raises CategoryPathInvalid: empty, too deep or too long.
    """
    names = [name.strip() for name in path.split("/")]
    fits = len(names) <= MAX_DEPTH and len("/".join(names)) <= MAX_PATH
    if not fits or not all(_is_name(name) for name in names):
        raise CategoryPathInvalid(path=path, depth=MAX_DEPTH)
    return names


def tidy_brand(name: str) -> str:
    """Return a brand's name without blanks around it.

    :raises BrandNameInvalid: empty or too long.
    """
    if not _is_name(name.strip()):
        raise BrandNameInvalid(name=name, limit=MAX_NAME)
    return name.strip()


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= MAX_NAME and name.isprintable()


def _depths(names: list[str]) -> range:
    return range(1, len(names) + 1)


def _make(path: str, found: dict[str, Category]) -> Category:
    above, _slash, name = path.rpartition("/")
    made, _created = Category.objects.get_or_create(
        path=path,
        defaults={"parent": found.get(above), "name": name, "code": _code("c", path)},
    )
    return made


def _code(letter: str, name: str) -> str:
    """Return the same code for the same name, wherever it is loaded."""
    return f"{letter}-{hashlib.sha256(name.encode()).hexdigest()[:CODE_DIGITS]}"
