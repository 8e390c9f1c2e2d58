"""An amount of money, as suppliers' forms show it."""

from django import forms


def money_input() -> forms.TextInput:
    """Return what an amount is typed into: narrow, and its digits below each other."""
    return forms.TextInput(attrs={"class": "money", "placeholder": "0.00"})
