"""What staff want to know of the goods of a category."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supplychain.models.goods import Category

MAX_ATTRIBUTE_NAME = 20
MAX_ATTRIBUTE_VALUE = 60


class AttributeKind(models.TextChoices):
    """What may be written for an attribute."""

    TEXT = "text", _("a text")
    NUMBER = "number", _("a number")
    CHOICE = "choice", _("one of some values")


class CategoryAttribute(models.Model):
    """A fact that suppliers give of goods in a category and in those below it: `材质`, `保质期`."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=MAX_ATTRIBUTE_NAME)
    kind = models.CharField(max_length=8, choices=AttributeKind, default=AttributeKind.TEXT)
    # What a choice is made from; empty for the other kinds.
    choices = ArrayField(
        models.CharField(max_length=MAX_ATTRIBUTE_VALUE), default=list, blank=True, size=100
    )
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("category attribute")
        verbose_name_plural = _("category attributes")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "name"], name="category_attribute_name_once"
            ),
            models.CheckConstraint(
                name="category_attribute_choices_for_a_choice",
                condition=Q(kind="choice", choices__len__gte=1)
                | (~Q(kind="choice") & Q(choices__len=0)),
            ),
        ]

    def __str__(self) -> str:
        return self.name
