"""Fields shared by the forms: money as people write it, dates with the browser's calendar."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.errors import InvalidInput
from campaigns.terms import read_amount


class MoneyField(forms.CharField):
    """An amount from 0; "1 200,50" and "1200.50" are the same. Empty stays empty."""

    def __init__(self, **options: Any) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off", "size": "10"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attributes), **options)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if text == "":
            return None
        try:
            return read_amount(text)
        except InvalidInput as error:
            raise ValidationError(error.message) from error

    def prepare_value(self, value: Any) -> Any:
        """Whole amounts without cents: 400.00 is shown as 400."""
        if isinstance(value, Decimal):
            return str(value.quantize(Decimal(1)) if value == value.to_integral() else value)
        return value


class DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"],
            **options,
        )


def show_faults(form: forms.BaseForm, error: InvalidInput) -> None:
    """Puts a service's faults beside the fields they belong to; what has no field stands above the form."""
    for name, texts in error.fields.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.message)
