"""How far those have read who follow a table as it grows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Position(models.Model):
    """Up to which row somebody has read a table; `notes` are the reader's own.

    Rows up to `top` were read, but for the gaps.
    """

    name = models.CharField(max_length=40, primary_key=True)
    top = models.BigIntegerField()
    notes = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("reading position")
        verbose_name_plural = _("reading positions")

    def __str__(self) -> str:
        return f"{self.name}: {self.top}"


class Gap(models.Model):
    """A number below a position that no row had: its transaction may be under way.

    Once every transaction before `horizon` is over, it never comes.
    """

    position = models.ForeignKey(Position, models.CASCADE, related_name="gaps")
    row_id = models.BigIntegerField()
    horizon = models.BigIntegerField()

    class Meta:
        verbose_name = _("gap below a position")
        verbose_name_plural = _("gaps below positions")

    def __str__(self) -> str:
        return f"{self.position_id}: {self.row_id}"
