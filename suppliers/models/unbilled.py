"""What of long ago is on no bill."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from suppliers.models.supplier import Supplier


class UnbilledCount(models.Model):
    """What a supplier is owed that is on no bill, of all transfers with a smaller key than `to_pk`.

    A shortcut of `suppliers.unbilled`, which alone writes it; the ledger is the truth.
    """

    supplier = models.OneToOneField(
        Supplier, models.CASCADE, primary_key=True, related_name="unbilled_count"
    )
    to_pk = models.BigIntegerField()
    transfers = models.BigIntegerField()
    fen = models.BigIntegerField()
    # When the first and the last of them were posted.
    oldest_at = models.DateTimeField(null=True)
    newest_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("count of what is on no bill")
        verbose_name_plural = _("counts of what is on no bill")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.supplier)
