"""A column for numbers as they were printed."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.db import models


class ReportedNumberField(models.DecimalField):
    """A number with exactly the digits of the paper: 3.0 stays 3.0.

    PostgreSQL's `numeric` without a scale keeps them; Django 5.2 insists on a scale, hence this class.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(max_digits=None, decimal_places=None)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_digits", None)
        kwargs.pop("decimal_places", None)
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        # The parent asks for a scale; a plain field's own checks are all that apply here.
        return models.Field.check(self, **kwargs)

    def db_type(self, connection: Any) -> str:  # noqa: ARG002
        return "numeric"
