"""Form fields in which people write money and rates as they read them, and choose pictures."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kit import calendars, money
from kit.money import BASIS_POINTS


class YuanField(forms.CharField):
    """An amount in yuan, such as 12.50, that the program gets as fen; None where nothing is written."""

    default_error_messages = {
        "invalid": _("Write an amount in yuan such as 12 or 12.50."),
        "low": _("At least {limit}."),
        "high": _("At most {limit}."),
    }

    def __init__(
        self, *, min_fen: int = 0, max_fen: int = 100_000_000_00, required: bool = True, **rest: Any
    ) -> None:
        self.min_fen, self.max_fen = min_fen, max_fen
        super().__init__(required=required, max_length=20, **rest)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan; what somebody typed stays as it is."""
        return money.yuan(value).replace("¥", "").replace(",", "") if type(value) is int else value

    def clean(self, value: Any) -> Any:
        """Return fen, or None.

        :raises ValidationError: no such amount, or out of its range.
        """
        text = super().clean(value)
        if not text:
            return None
        try:
            amount_fen = money.fen(str(text).removeprefix("¥").replace(",", ""))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None
        if amount_fen < self.min_fen:
            raise self._out_of_range("low", self.min_fen)
        if amount_fen > self.max_fen:
            raise self._out_of_range("high", self.max_fen)
        return amount_fen

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what was shown with what came back."""
        return bool(super().has_changed(self.prepare_value(initial), data))

    def _out_of_range(self, code: str, limit_fen: int) -> ValidationError:
        text = str(self.error_messages[code]).format(limit=money.yuan(limit_fen))
        return ValidationError(text, code=code)


class PercentField(forms.CharField):
    """A rate in percent, such as 5 or 5.25, that the program gets as basis points."""

    default_error_messages = {
        "invalid": _("Write a rate in percent from 0 to 100 such as 5 or 5.25."),
    }

    def __init__(self, **rest: Any) -> None:
        super().__init__(max_length=10, **rest)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        """Show basis points as percent."""
        return percent(value) if type(value) is int else value

    def clean(self, value: Any) -> Any:
        """Return basis points, or None.

        :raises ValidationError: no number from 0 to 100 with at most two decimals.
        """
        text = super().clean(value)
        if not text:
            return None
        try:
            hundredths = Decimal(str(text).removesuffix("%").strip()) * 100
        except InvalidOperation:
            hundredths = Decimal("NaN")
        if not hundredths.is_finite() or hundredths % 1 or not 0 <= hundredths <= BASIS_POINTS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(hundredths)


class Pictures(forms.ClearableFileInput):
    """Chooses several files."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class PicturesField(forms.FileField):
    """Several uploads, as a list."""

    widget = Pictures

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Check each upload by itself."""
        uploads = data if isinstance(data, list | tuple) else [data]
        found = [super(PicturesField, self).clean(one, initial) for one in uploads if one]
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return found


def percent(rate_bp: int) -> str:
    """Show basis points as people write percent: 500 is `5`, 525 is `5.25`."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


class DaysField(forms.CharField):
    """Days off, one day or span a line, as `kit.calendars` reads them; a list of texts."""

    default_error_messages = {
        "invalid": _(
            "Write a day such as 2026-10-01 or days such as 2026-10-01..2026-10-07 on each line."
        ),
    }

    def __init__(self, **rest: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 8, "placeholder": "2026-10-01..2026-10-07"})
        super().__init__(max_length=2_000, widget=widget, **rest)

    def prepare_value(self, value: Any) -> Any:
        """Show one a line; what somebody typed stays as it is."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the lines that say something.

        :raises ValidationError: one is no day and no span, or there are too many.
        """
        spans = ["".join(line.split()) for line in str(super().clean(value)).splitlines()]
        spans = [span for span in spans if span]
        try:
            calendars.days(spans)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        return spans
