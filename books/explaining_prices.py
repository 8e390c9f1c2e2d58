"""How the price of a line came about, step by step, from what was frozen when it was ordered."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kit import fields, money
from orders.models import Line
from supplychain import pricing

# A fee before rounding is in ten-thousandths of a fen: base × basis points.
PARTS_A_YUAN = 1_000_000
DIGITS = 6


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One step: what it is called, how it is reckoned, and what it comes to in fen."""

    name: str
    reckoning: str
    amount_fen: int


# A unit's price with its parts: a line's, frozen, or one of this moment.
Priced = Line | pricing.Price


def steps(line: Line, *, level: str) -> list[PriceStep]:
    """Return the steps from the supply price to what the line cost, for the platform's eyes."""
    return [
        *of_unit(line, level=level),
        PriceStep(
            _("Line"),
            f"{money.yuan(line.agreement_price_fen)} × {line.quantity}",
            line.agreement_price_fen * line.quantity,
        ),
    ]


def of_unit(line: Priced, *, level: str) -> list[PriceStep]:
    """Return the steps from the supply price to the agreement price of one unit."""
    base_fen = line.supply_price_fen + line.markup_fen
    rate = f"{fields.percent(line.fee_rate_bp)} %"
    fee = _("{base} × {rate} = {exact}, rounded half up, once, per unit")
    return [
        PriceStep(_("Supply price"), _("what the source gets per unit"), line.supply_price_fen),
        PriceStep(_("Markup"), _("what the platform adds per unit"), line.markup_fen),
        PriceStep(
            _("Base"),
            f"{money.yuan(line.supply_price_fen)} + {money.yuan(line.markup_fen)}",
            base_fen,
        ),
        PriceStep(
            _("Service fee (level {level})").format(level=level),
            fee.format(
                base=money.yuan(base_fen), rate=rate, exact=exact(base_fen, line.fee_rate_bp)
            ),
            line.service_fee_fen,
        ),
        PriceStep(
            _("Agreement price"),
            f"{money.yuan(base_fen)} + {money.yuan(line.service_fee_fen)}",
            line.agreement_price_fen,
        ),
    ]


def exact(base_fen: int, rate_bp: int) -> str:
    """Show a fee before it is rounded, in yuan: `¥0.9995`."""
    whole, parts = divmod(base_fen * rate_bp, PARTS_A_YUAN)
    digits = f"{parts:0{DIGITS}d}".rstrip("0").ljust(2, "0")
    return f"¥{whole:,}.{digits}"
