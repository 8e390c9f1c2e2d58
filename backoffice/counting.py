"""Counting: many stocks set or added to at once, from lines that were pasted, typed or scanned."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice import access
from backoffice.access import supplier_only, while_active
from kit.errors import DomainError
from suppliers.models import Supplier
from supplychain import stocking
from supplychain.models import Sku
from supplychain.stocking import Added, Counted, Wanted

MAX_LINES = stocking.MAX_AT_ONCE
MAX_TEXT = 60_000
MAX_DIGITS = 9
MAX_CODE = 64
SET, ADD = "set", "add"


class LineUnreadable(DomainError):
    code = "line_unreadable"
    text = gettext_lazy("Write a number or barcode, a blank, and how many.")


class CodeUnknown(DomainError):
    code = "code_unknown"
    text = gettext_lazy("None of your skus has this number or barcode.")


class CodeAmbiguous(DomainError):
    code = "code_ambiguous"
    text = gettext_lazy("Several of your skus have it: write the sku number.")


class TooManyLines(DomainError):
    code = "too_many_lines"
    text = gettext_lazy("Up to {limit} lines at once.")


@dataclass
class Line:
    """A line as it was written, the sku it means, or what is wrong with it."""

    text: str
    code: str = ""
    quantity: int = 0
    version: int | None = None
    sku: Sku | None = None
    problem: str = ""
    holds: int | None = None

    @property
    def after_set(self) -> int:
        """What the pool would hold if it is set."""
        return self.quantity

    @property
    def after_add(self) -> int:
        """What the pool would hold if it is added to."""
        return (self.sku.stock.available if self.sku else 0) + self.quantity

    @property
    def guarded(self) -> str:
        """The line as it is sent once it was looked at: with the version that was seen."""
        return f"{self.code} {self.quantity} {self.sku.stock.version if self.sku else 0}"


@supplier_only
@while_active
def count(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    """Take lines in, show what they would do, and do it when that was seen."""
    text = request.POST.get("lines", "")
    if request.method != "POST":
        return _show(request, supplier, text, [])
    lines = _read(text[:MAX_TEXT])
    _find(lines, supplier)
    if not lines or len(lines) > MAX_LINES or len(text) > MAX_TEXT:
        too_many = str(TooManyLines(limit=MAX_LINES)) if lines else str(LineUnreadable())
        messages.error(request, too_many)
        return _show(request, supplier, text, [], 422)
    act = request.POST.get("act")
    if act not in (SET, ADD):
        return _show(request, supplier, text, lines)
    done = _apply(request, supplier, [line for line in lines if line.sku], act)
    return _answer(request, supplier, lines, done)


def _read(text: str) -> list[Line]:
    """Read `number quantity`; a number alone counts one, and one that comes again counts on."""
    found: dict[str, Line] = {}
    for written in text.splitlines():
        parts = written.replace("\t", " ").replace(",", " ").replace("，", " ").split()
        if not parts:
            continue
        line = _line(written.strip(), parts)
        known = found.get(line.code)
        if known is None or line.problem or known.problem:
            found[line.code if not line.problem else f"\n{len(found)}"] = line
        else:
            known.quantity += line.quantity
    return list(found.values())


def _line(written: str, parts: Sequence[str]) -> Line:
    numbers = [_number(part) for part in parts[1:]]
    if len(parts) > 3 or None in numbers or len(parts[0]) > MAX_CODE:
        return Line(written, problem=str(LineUnreadable()))
    quantity = numbers[0] if numbers else 1
    version = numbers[1] if len(numbers) > 1 else None
    return Line(written, parts[0], quantity or 0, version)


def _number(text: str) -> int | None:
    digits = text.removeprefix("-").removeprefix("+")
    fits = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
    return int(text) if fits else None


def _find(lines: Collection[Line], supplier: Supplier) -> None:
    """Find the sku of each line by its number, the supplier's own number, or its barcode."""
    codes = {line.code for line in lines if not line.problem}
    rows = Sku.objects.filter(product__supplier=supplier, offered=True).filter(
        Q(sku_no__in=codes) | Q(owner_no__in=codes) | Q(barcode__in=codes)
    )
    by_number: dict[str, Sku] = {}
    by_code: dict[str, dict[int, Sku]] = defaultdict(dict)
    for sku in rows.select_related("product", "stock"):
        by_number[sku.sku_no] = sku
        for code in (sku.owner_no, sku.barcode):
            by_code[code][sku.pk] = sku
    for line in lines:
        if not line.problem:
            _settle(line, by_number, by_code)


def _settle(
    line: Line, by_number: Mapping[str, Sku], by_code: Mapping[str, Mapping[int, Sku]]
) -> None:
    found = by_code.get(line.code, {})
    line.sku = by_number.get(line.code) or (next(iter(found.values())) if len(found) == 1 else None)
    if line.sku is None:
        line.problem = str(CodeAmbiguous() if found else CodeUnknown())


def _apply(
    request: HttpRequest, supplier: Supplier, lines: Sequence[Line], act: str
) -> list[Counted | DomainError]:
    who, at = access.actor_of(request), timezone.now()
    if act == ADD:
        added = [Added(line.sku.sku_no, line.quantity) for line in lines if line.sku]
        return stocking.add_each(supplier=supplier, added=added, actor=who, at=at)
    wanted = [Wanted(line.sku.sku_no, line.quantity, line.version) for line in lines if line.sku]
    return stocking.count_each(supplier=supplier, wanted=wanted, actor=who, at=at)


def _answer(
    request: HttpRequest,
    supplier: Supplier,
    lines: Sequence[Line],
    done: Sequence[Counted | DomainError],
) -> HttpResponse:
    """Say how many were done; what was not stays on the page with the reason."""
    answered = [line for line in lines if line.sku]
    for line, answer in zip(answered, done, strict=True):
        if isinstance(answer, DomainError):
            line.problem = str(answer)
    kept = [line for line in lines if line.problem]
    count = len(lines) - len(kept)
    if count:
        text = ngettext("{count} stock has been saved.", "{count} stocks have been saved.", count)
        messages.success(request, text.format(count=count))
    if not kept:
        return redirect("supplier:stock")
    messages.error(request, _("What was not saved is still here, with the reason."))
    text = "\n".join(f"{line.code} {line.quantity}" if line.code else line.text for line in kept)
    _find([line for line in kept if line.sku], supplier)
    for line, was in zip(kept, [line.problem for line in kept], strict=True):
        line.problem = was
    return _show(request, supplier, text, kept, 422)


def _show(
    request: HttpRequest, supplier: Supplier, text: str, lines: Sequence[Line], status: int = 200
) -> HttpResponse:
    context = {
        "text": text[:MAX_TEXT],
        "lines": lines,
        "good": [line for line in lines if not line.problem],
        "bad": [line for line in lines if line.problem],
        "guarded": "\n".join(line.guarded for line in lines if not line.problem),
        "limit": MAX_LINES,
    }
    return access.shown(request, supplier, "count_stock.html", context, status)
