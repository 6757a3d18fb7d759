"""The kinds of value that may stand in a corpus file, with the message a wrong one gets."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
DOI = re.compile(r"10\.\d{4,9}/\S+")
PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


class Record(BaseModel):
    """A piece of a corpus file: nothing unknown may stand in it, and no type is guessed."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
        use_enum_values=True,
    )

    # Fields that a file leaves out when they say nothing; the others stand there as null.
    left_out_when_empty: ClassVar[frozenset[str]] = frozenset()

    def is_empty(self) -> bool:
        """True when no field says anything."""
        return all(getattr(self, name) in (None, []) for name in type(self).model_fields)

    def to_file(self) -> dict[str, Any]:
        """The fields as they stand in a corpus file, in its order."""
        entries: dict[str, Any] = {}
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            if name in self.left_out_when_empty and (value in (None, [], {}) or value == info.default):
                continue
            entries[info.alias or name] = _to_file(value)
        return entries


def _to_file(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_file()
    if isinstance(value, list):
        return [_to_file(item) for item in value]
    return value


def _refuse_control_characters(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("contains a control character; remove it")
    return text


def _refuse_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank; write null when it is not known")
    return text


def _read_number(value: Any) -> Any:
    """A whole number is a number too; true and false are not."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _matching(pattern: re.Pattern[str], mend: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(mend)
        return value

    return AfterValidator(check)


def _refuse_no_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("write a day that there is as YYYY-MM-DD") from None


def _refuse_upper_case(value: str) -> str:
    if value != value.lower():
        raise ValueError("a DOI is written in lower case")
    return value


Text = Annotated[
    str,
    StringConstraints(max_length=10_000),
    AfterValidator(_refuse_control_characters),
    AfterValidator(_refuse_blank),
]
# An empty string says the same as null: the paper does not state it.
OptionalText = Annotated[Text | None, BeforeValidator(lambda value: None if value == "" else value)]
Number = Annotated[Decimal, BeforeValidator(_read_number), Field(allow_inf_nan=False, max_digits=30)]
Count = Annotated[int, Field(ge=0, le=100_000_000)]
Percent = Annotated[Number, Field(ge=0, le=100)]
Milligrams = Annotated[Number, Field(gt=0, le=100_000)]
Slug = Annotated[
    str, _matching(re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), "use lower-case words joined by hyphens")
]
StudyKey = Annotated[
    str,
    _matching(re.compile(r"[a-z]+\d{4}[a-z]?"), "use the first author's name and the year, like younger2013"),
]
Doi = Annotated[
    str,
    _matching(DOI, "is not shaped like a DOI (10.1234/abc)"),
    AfterValidator(_refuse_upper_case),
    AfterValidator(_refuse_control_characters),
]
Pmid = Annotated[int, Field(ge=1, le=999_999_999)]
Pmcid = Annotated[str, _matching(re.compile(r"PMC\d+"), "is not shaped like a PMC number (PMC123456)")]
WebAddress = Annotated[
    str,
    StringConstraints(max_length=2_000),
    _matching(re.compile(r"https?://\S+"), "must start with http:// or https://"),
    AfterValidator(_refuse_control_characters),
]
PartialDate = Annotated[str, _matching(PARTIAL_DATE, "write YYYY, YYYY-MM or YYYY-MM-DD")]
Day = Annotated[str, AfterValidator(_refuse_no_day)]
