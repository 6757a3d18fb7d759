"""What the site says, and the files of each language: make messages updates them.

Django's makemessages and compilemessages need the programs of GNU gettext; this needs a wheel.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

from tests.labels import Message, find_labels

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("studies", "conditions", "search", "readers", "pages")
STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# What Django turns a marked string of a template into, for programs that read source code.
ONE = re.compile(rf"(?<!n)(?:\bgettext|\b_)\({STRING}\)")
USED = re.compile(rf"\bpgettext\({STRING}, {STRING}\)")
COUNTED = re.compile(rf"\bngettext\({STRING}, {STRING},")


def find_marked() -> dict[Message, set[str]]:
    """Each text that a page may show, with the files that hold it."""
    found: dict[Message, set[str]] = {}
    for message, place in [*_in_templates(), *_in_code(), *find_labels()]:
        found.setdefault(message, set()).add(place)
    counted = {message.text: message for message in found if message.many}
    for message in [m for m in found if not m.many and not m.context and m.text in counted]:
        found[counted[message.text]] |= found.pop(message)  # gettext knows one of both
    return found


def _in_templates() -> Iterator[tuple[Message, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source, place = templatize(path.read_text(), origin=str(path)), str(path.relative_to(ROOT))
        for match in ONE.finditer(source):
            yield Message(ast.literal_eval(match[1])), place
        for match in USED.finditer(source):
            yield Message(ast.literal_eval(match[2]), context=ast.literal_eval(match[1])), place
        for match in COUNTED.finditer(source):
            yield Message(ast.literal_eval(match[1]), ast.literal_eval(match[2])), place


def _in_code() -> Iterator[tuple[Message, str]]:
    """The texts at each say and say_count, given there or by a name in the same function."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                place = str(path.relative_to(ROOT))
                for function in _functions(ast.parse(path.read_text())):
                    yield from ((message, place) for message in _said_in(function))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _said_in(function: ast.FunctionDef) -> Iterator[Message]:
    named: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).extend(_texts(node.value, {}))
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("say", "gettext") and node.args:
                yield from (Message(text) for text in _texts(node.args[0], named))
            elif name == "say_count":
                one, many = (_texts(arg, named)[0] for arg in node.args[:2])
                yield Message(one, many)


def _texts(node: ast.AST, named: dict[str, list[str]]) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, named) + _texts(node.orelse, named)
    return named.get(node.id, []) if isinstance(node, ast.Name) else []


def find_catalogues() -> list[Path]:
    """The file of each language."""
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def message_of(entry: polib.POEntry) -> Message:
    """What an entry of a file translates."""
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def translations_of(entry: polib.POEntry) -> list[str]:
    """The translation, or that of each form of number."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def update(catalogue: polib.POFile, marked: dict[Message, set[str]]) -> None:
    """Add what is new without a translation, and drop what is said no more."""
    known = {message_of(entry): entry for entry in catalogue}
    catalogue[:] = [_entry(message, marked[message], known.get(message)) for message in sorted(marked)]


def _entry(message: Message, places: Iterable[str], known: polib.POEntry | None) -> polib.POEntry:
    forms = known.msgstr_plural if known else {0: "", 1: ""}
    return polib.POEntry(
        msgid=message.text,
        msgid_plural=message.many,
        msgctxt=message.context or None,
        msgstr="" if message.many or known is None else known.msgstr,
        msgstr_plural=dict(forms) if message.many else {},
        occurrences=[(place, "") for place in sorted(places)],
    )


def main() -> None:
    """Bring the files of all languages up to date, and write what Django reads."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    django.setup()
    marked = find_marked()
    for path in find_catalogues():
        catalogue = polib.pofile(str(path), wrapwidth=100)
        update(catalogue, marked)
        catalogue.save()
        path.with_suffix(".mo").write_bytes(catalogue.to_binary())
        missing = catalogue.untranslated_entries()
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} strings, {len(missing)} without a translation")
        for entry in missing:
            print(f"  {entry.msgid}")


if __name__ == "__main__":
    main()
