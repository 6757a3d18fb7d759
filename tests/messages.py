"""What templates mark for translation, and the files of each language: make messages updates them.

Django's makemessages and compilemessages need the programs of GNU gettext; this needs a wheel.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
# What Django turns a marked string of a template into, for programs that read source code.
MARKED = re.compile(r"""\b_?(?:gettext)?\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)""")


def find_marked() -> dict[str, set[str]]:
    """Each string that is marked in a template, with the templates that hold it."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for match in MARKED.finditer(templatize(path.read_text(), origin=str(path))):
            found.setdefault(ast.literal_eval(match[1]), set()).add(str(path.relative_to(ROOT)))
    return found


def find_catalogues() -> list[Path]:
    """The file of each language."""
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def main() -> None:
    """Add what is new without a translation, drop what is marked no more, and write what Django reads."""
    marked = find_marked()
    for path in find_catalogues():
        catalogue = polib.pofile(str(path), wrapwidth=100)
        known = {entry.msgid: entry for entry in catalogue}
        catalogue[:] = [
            polib.POEntry(
                msgid=text,
                msgstr=known[text].msgstr if text in known else "",
                occurrences=[(name, "") for name in sorted(marked[text])],
            )
            for text in sorted(marked)
        ]
        catalogue.save()
        path.with_suffix(".mo").write_bytes(catalogue.to_binary())
        missing = catalogue.untranslated_entries()
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} strings, {len(missing)} without a translation")
        for entry in missing:
            print(f"  {entry.msgid}")


if __name__ == "__main__":
    main()
