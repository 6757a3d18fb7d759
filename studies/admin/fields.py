"""Form fields that keep what the paper says: digits as printed, lists of sentences, empty as not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

LARGEST = Decimal(10) ** 15
MOST_DIGITS = 15


class ReportedNumber(forms.DecimalField):
    """A number with the digits as printed; 3.0 in place of 3 is a change."""

    default_error_messages = {
        "invalid": "Enter a plain number, such as 4.5.",
        "size": "Enter a number with at most 15 digits on either side of the point.",
    }

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        exponent = value.as_tuple().exponent
        if abs(value) >= LARGEST or (isinstance(exponent, int) and abs(exponent) > MOST_DIGITS):
            raise forms.ValidationError(self.error_messages["size"], code="size")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return ("" if initial is None else str(initial)) != str(data or "").strip()


class PlainText(forms.CharField):
    """Text with one kind of line end, whatever the browser sends."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial, data.replace("\r\n", "\n") if isinstance(data, str) else data)


class Lines(forms.CharField):
    """A list of texts, one a line: a sentence may hold commas."""

    widget = forms.Textarea

    def __init__(self, *, base_field: Any = None, max_length: int | None = None, **options: Any) -> None:  # noqa: ARG002
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [" ".join(line.split()) for line in (value or "").splitlines()]
        return [line for line in lines if line] or self.empty_value

    def run_validators(self, value: Any) -> None:
        for line in value or []:
            super().run_validators(line)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or self.empty_value) != self.to_python(data))
