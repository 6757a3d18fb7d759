"""Corpus files: bytes in, checked records or complaints out; and records back to the same bytes.

The format is YAML 1.1 as PyYAML reads it, less what a corpus never needs: no aliases, anchors, tags or
dates (`2006-09` stays text), no key twice, no numbers to another base. Numbers keep the digits they were
written with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
MAX_EVENTS = 400_000

RecordT = TypeVar("RecordT", bound=BaseModel)


@dataclass(frozen=True)
class Complaint:
    """What is wrong in a corpus file, where, and what would mend it."""

    file: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.reason}" if self.field else f"{self.file}: {self.reason}"


class FileRefusedError(ValueError):
    """The bytes are not a corpus file at all; the message says why."""


class _Loader(yaml.CSafeLoader):
    """YAML with numbers as printed, and without dates."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise FileRefusedError(f"line {node.start_mark.line + 1}: the key {key!r} stands twice")
        return super().construct_mapping(node, deep=deep)


def _construct_integer(loader: yaml.Loader, node: yaml.ScalarNode) -> int:
    return int(_plain_number(loader, node, r"[-+]?(?:0|[1-9][0-9]*)"))


def _construct_decimal(loader: yaml.Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(_plain_number(loader, node, r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"))


def _plain_number(loader: yaml.Loader, node: yaml.ScalarNode, pattern: str) -> str:
    """The digits as written. To YAML 1.1, 1:39 is 99 and 010 is 8: nobody who writes them means that."""
    text = str(loader.construct_scalar(node))
    if not re.fullmatch(pattern, text):
        line = node.start_mark.line + 1
        raise FileRefusedError(f"line {line}: {text} is not a plain number; if it is text, put it in quotes")
    return text


def _construct_mapping(loader: _Loader, node: Any) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:int", _construct_integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_decimal)
_Loader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


class _Dumper(yaml.CSafeDumper):
    """Writes what _Loader reads, lists of mappings flush with their key."""


def _represent_decimal(dumper: _Dumper, value: Decimal) -> yaml.ScalarNode:
    text = str(value)
    tag = "int" if re.fullmatch(r"-?\d+", text) else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", text)


_Dumper.add_representer(Decimal, _represent_decimal)


def read_yaml(raw: bytes) -> Any:
    """Return the plain data of a corpus file.

    Args:
        raw: the whole file, at most MAX_BYTES.
    Raises:
        FileRefusedError: too large, not text, not YAML, nested too deep, or with aliases or tags.
    """
    if len(raw) > MAX_BYTES:
        raise FileRefusedError(f"is larger than {MAX_BYTES:,} bytes")
    if b"\x00" in raw:
        raise FileRefusedError("contains a NUL byte; this is not a text file")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileRefusedError(f"is not UTF-8 text (byte {error.start})") from None
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a safe loader
    except yaml.YAMLError as error:
        raise FileRefusedError(_describe(error)) from None
    except RecursionError:
        raise FileRefusedError(f"is nested deeper than {MAX_DEPTH} levels") from None
    except (ValueError, ArithmeticError) as error:
        raise FileRefusedError(str(error) or "contains a value that cannot be read") from None


def _check_events(text: str) -> None:
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise FileRefusedError(
                f"line {line}: anchors and aliases are not used in the corpus; write it out"
            )
        tag = getattr(event, "tag", None)
        if tag:
            raise FileRefusedError(f"line {line}: tags such as {tag} are not used in the corpus")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise FileRefusedError(f"line {line}: is nested deeper than {MAX_DEPTH} levels")
        if count > MAX_EVENTS:
            raise FileRefusedError(f"has more than {MAX_EVENTS:,} entries")


def _describe(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"is not readable YAML: {problem}" + (f" (line {mark.line + 1})" if mark else "")


def read_record(model: type[RecordT], raw: bytes, file: str) -> tuple[RecordT | None, list[Complaint]]:
    """Return the record that a file holds, or every complaint about it.

    Args:
        model: the kind of record the file should hold.
        raw: the file's bytes.
        file: its name, for the complaints.
    """
    try:
        data = read_yaml(raw)
    except FileRefusedError as error:
        return None, [Complaint(file, "", str(error))]
    if not isinstance(data, dict):
        return None, [Complaint(file, "", "is not a list of `field: value` lines")]
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, list(_complaints(error, file))


def _complaints(error: ValidationError, file: str) -> Iterator[Complaint]:
    """One complaint a field: a value that fits none of several types is named once, with our own words."""
    chosen: dict[str, Any] = {}
    for item in error.errors(include_url=False, include_context=False):
        field = ".".join(str(part) for part in item["loc"] if not _is_type_name(part))
        if field not in chosen or item["type"] == "value_error":
            chosen[field] = item
    for field, item in chosen.items():
        reason = str(item["msg"]).removeprefix("Value error, ")
        shown = str(item["input"]) if isinstance(item["input"], Decimal) else repr(item["input"])
        if item["type"] not in ("missing", "extra_forbidden") and len(shown) <= 80:
            reason = f"{reason} (found {shown})"
        yield Complaint(file, field, reason)


def _is_type_name(part: object) -> bool:
    return isinstance(part, str) and bool(re.search(r"[\[(]|^(decimal|str|int)$", part))


def write_yaml(data: Any) -> bytes:
    """Return the bytes of a corpus file; read_yaml gives the same data back."""
    text = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=115, default_flow_style=False
    )
    return str(text).encode()
