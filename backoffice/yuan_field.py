"""An amount of money in a form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit import money


class YuanField(forms.Field):
    """An amount typed in yuan, held in fen."""

    default_error_messages = {"amount": _("Write an amount such as 12 or 12.50.")}

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "class": "money",
            "inputmode": "decimal",
            "placeholder": "0.00",
            "maxlength": 16,
            "autocomplete": "off",
        }
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> int | None:
        """Read yuan as fen."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return money.fen(text)
        except ValueError:
            raise forms.ValidationError(self.error_messages["amount"], code="amount") from None

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan; what was typed stays as it was."""
        return f"{value // 100}.{value % 100:02d}" if isinstance(value, int) else value
