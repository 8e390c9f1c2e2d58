"""Levels: what share of the base price a distributor pays as service fee."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distributors import telling
from distributors.models import Distributor, Level
from kit import bulk
from kit.errors import DomainError, NotFound


class RateOutOfRange(DomainError):
    code = "rate_out_of_range"
    text = _("A fee rate is from 0 to 10000 basis points; {rate_bp} is not.")


def next_price_version() -> int:
    """Draw a stamp for a change of prices; every later one is greater."""
    return int(bulk.query("SELECT nextval('price_version_seq')")[0][0])


@transaction.atomic
def define(*, code: str, name: str, rank: int, fee_rate_bp: int, at: datetime) -> Level:
    """Add a level, or change its name, rank and rate; a new rate re-prices all of its distributors.

    :raises RateOutOfRange: the rate is negative or above 100 %.
    """
    if not 0 <= fee_rate_bp <= 10_000:
        raise RateOutOfRange(rate_bp=fee_rate_bp)
    level = Level.objects.select_for_update(no_key=True).filter(code=code).first()
    level = level or Level(code=code, fee_rate_bp=-1)
    repriced = level.fee_rate_bp != fee_rate_bp
    if repriced:
        level.price_version = next_price_version()
    level.name, level.rank, level.fee_rate_bp = name, rank, fee_rate_bp
    level.save()
    if repriced:
        telling.prices_changed(level.distributors.all(), level.price_version, at=at)
    return level


@transaction.atomic
def assign(*, distributor_pk: int, level: Level, at: datetime) -> Distributor:
    """Put a distributor on a level; orders from now on pay its rate.

    :raises NotFound: there is no such distributor.
    """
    distributor = Distributor.objects.locked().filter(pk=distributor_pk).first()
    if distributor is None:
        raise NotFound
    if distributor.level_id != level.pk:
        distributor.level = level
        distributor.price_version = next_price_version()
        distributor.save(update_fields=["level", "price_version"])
        telling.prices_changed([distributor], distributor.price_version, at=at)
    return distributor
