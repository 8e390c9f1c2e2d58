"""When stock is low, and who wants to hear of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Person
from suppliers.models import Supplier
from supplychain.models.goods import Sku


class LowMark(models.Model):
    """Below how many pieces a sku is low, where that is not what the policy says; 0: never."""

    sku = models.OneToOneField(Sku, models.CASCADE, primary_key=True, related_name="low_mark")
    below = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("low-stock mark")
        verbose_name_plural = _("low-stock marks")

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.below}"


class StockMail(models.Model):
    """Somebody who wants a mail on every day on which stock of a supplier is low."""

    supplier = models.ForeignKey(Supplier, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    # The day in Asia/Shanghai for which it was seen to last.
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("low-stock mail")
        verbose_name_plural = _("low-stock mails")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "person"], name="stock_mail_once")
        ]

    def __str__(self) -> str:
        return f"{self.supplier} → {self.person}"
