"""What staff may do, as permissions; there is no table."""

from django.db import models

from console.rights import RIGHTS


class Right(models.Model):
    """Carries the rights of `console.rights`, so that Django knows them by name: `console.see_goods`."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [(code, code) for code in RIGHTS]
