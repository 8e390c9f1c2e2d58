"""The card on a supplier's start page that says how it does."""

from typing import Any

from django import template
from django.utils import timezone

from backoffice import performance
from books import performing
from suppliers.models import Supplier

register = template.Library()
# Days that the card covers.
SHOWN_DAYS = 30


@register.inclusion_tag("backoffice/performance_card.html")
def performance_card(supplier: Supplier) -> dict[str, Any]:
    """Show the figures of the last 30 days beside the average."""
    spans = performing.read(supplier_pk=supplier.pk, at=timezone.now())
    shown = [span for span in spans if span.days == SHOWN_DAYS]
    cells = [(row.measure.label, row.cells[0][1]) for row in performance.rows_of(shown)]
    return {"days": SHOWN_DAYS, "cells": [(label, cell) for label, cell in cells if cell.own]}
