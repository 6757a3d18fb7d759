"""Feed one parser what coverage leads to: python -m tests.fuzz crossref_work -max_total_time=60

Everything after the parser's name goes to libFuzzer; `-help=1` lists what it takes.
"""

from __future__ import annotations

import copy
import json
import random
import re
import sys
import tempfile
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["studies.domain"]):
    from tests.fuzz.parsers import PARSERS

ODD = (
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    float("inf"),
    "",
    "0",
    "\ud800",
    "\x00",
    "10.1/\u0130",
    [],
    {},
    [[]],
    [None],
)


def main() -> None:
    name, *options = sys.argv[1:]
    parser = PARSERS[name]
    seeds = parser.seeds()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for number, seed in enumerate(seeds):
            (corpus / str(number)).write_bytes(seed)
        words = {word.decode() for seed in seeds for word in re.findall(rb"[A-Za-z_-]{3,40}", seed)}
        dictionary = Path(folder, "words")
        dictionary.write_text("".join(f'"{word}"\n' for word in sorted(words)))
        arguments = [sys.argv[0], str(corpus), f"-dict={dictionary}", *options]
        atheris.Setup(arguments, parser.feed, custom_mutator=mutate)
        atheris.Fuzz()


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Another answer: often still JSON or XML, with something else in one place."""
    chance = random.Random(seed)
    for change in (_changed_json, _changed_xml) if chance.random() < 0.7 else ():
        with suppress(ValueError, RecursionError, ET.ParseError, LookupError):
            changed = change(data, chance)
            if len(changed) <= most:
                return changed
    return bytes(atheris.Mutate(data, most))


def _changed_json(data: bytes, chance: random.Random) -> bytes:
    return json.dumps(_change(json.loads(data), chance)).encode()


def _changed_xml(data: bytes, chance: random.Random) -> bytes:
    root = ET.fromstring(data)  # noqa: S314 - our own seeds, and what became of them
    one, other = chance.choice(list(root.iter())), chance.choice(list(root.iter()))
    ways = (
        lambda: setattr(one, "text", chance.choice(["", "0", "1" * 5000, "[", "2024 Feb 31", other.text])),
        lambda: setattr(one, "tag", other.tag),
        lambda: one.attrib.update({name: chance.choice(["", "x"]) for name in one.attrib}),
        lambda: one.attrib.clear(),
        lambda: one.clear(),
        lambda: one.extend([copy.deepcopy(other)]),
    )
    chance.choice(ways)()
    return ET.tostring(root)


def _change(value: Any, chance: random.Random) -> Any:
    """The value with something odd in one place of it, or one part put in the place of another."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.1:
        return chance.choice([*ODD, [value], {"x": value}, str(value)])
    key = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
    if chance.random() < 0.1:
        others = list(value.values()) if isinstance(value, dict) else value
        value[key] = chance.choice(others)
    else:
        value[key] = _change(value[key], chance)
    return value


if __name__ == "__main__":
    main()
