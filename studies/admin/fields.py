"""Form fields that keep what the paper says: digits as printed, lists of sentences, empty as not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect

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


class Codes(forms.CharField):
    """Codes of other vocabularies, one a line: name, colon, code. The API and the files hold such pairs."""

    widget = forms.Textarea
    default_error_messages = {
        "invalid": "Write each code on a line of its own as name: code, such as MeSH: D006261."
    }

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **options: Any) -> None:  # noqa: ARG002
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        is_stored = isinstance(value, dict)
        return "\n".join(f"{name}: {code}" for name, code in value.items()) if is_stored else value

    def to_python(self, value: Any) -> Any:
        lines = [" ".join(line.split()) for line in (value or "").splitlines()]
        pairs = [[part.strip() for part in line.split(":", 1)] for line in lines if line]
        if not all(len(pair) == 2 and all(pair) for pair in pairs):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return dict(pairs)

    def run_validators(self, value: Any) -> None:
        for text in [*value, *value.values()]:
            super().run_validators(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial or {}) != "\n".join((data or "").splitlines()).strip()


class ChosenRow(AutocompleteSelect):
    """A row that is searched for; what is no row's number, as in an address typed by hand, chooses none."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if str(each).isdecimal()], attr)


class ReasonForm(forms.Form):
    """Why an editor decides so. That it is missing the service says, with the mend."""

    reason = forms.CharField(required=False, max_length=2000)
