"""Marks: how far those have read who follow orders from afar."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderedMark(models.Model):
    """Up to which order it is noted who ordered what; a single row.

    Orders up to `noted_order` are noted for good. Those up to `waiting_order` were seen when all
    transactions before `waiting_xmax` had begun; once these are over none of them can be missing.
    """

    noted_order = models.BigIntegerField(default=0)
    waiting_order = models.BigIntegerField(default=0)
    waiting_xmax = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark of noted orders")
        verbose_name_plural = _("marks of noted orders")

    def __str__(self) -> str:
        return str(self.noted_order)
