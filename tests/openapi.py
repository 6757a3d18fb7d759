"""`make api-schema`: brings docs/openapi.yaml up to date, and refuses what would break a client.

BREAKING=yes writes it all the same: then the API's version in ldn_kb/settings.py moves on, and CHANGELOG.md
says what those who use the API have to do.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

COMMITTED = Path(__file__).resolve().parent.parent / "docs" / "openapi.yaml"
# Of operations whose answers are long or hold what is computed anew each time, a part.
EXAMPLES = {
    "studies_retrieve": "studies/smith2011/",
    "studies_list": "studies/?fields=key,title,year,doi,design,conditions&page_size=1&ordering=key",
    "conditions_retrieve": "conditions/fibromyalgia/",
    "outcomes_list": "outcomes/?study=bruun2024&page_size=1",
    "doses_list": "doses/?study=bruun2024&page_size=1",
    "side_effects_list": "side-effects/?page_size=1",
    "trials_retrieve": "trials/NCT00568555/",
    "safety_list": "safety/?level=stop&page_size=1",
}
MEND = "Run `make api-schema` and commit docs/openapi.yaml."


def read_committed() -> dict[str, Any]:
    return yaml.safe_load(COMMITTED.read_text())


def find_breaking(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a client made from the old document would stumble over, a line each."""
    return [*_of_paths(old["paths"], new["paths"]), *_of_parts(old, new)]


def _of_paths(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for path, methods in old.items():
        for method, operation in methods.items():
            now = new.get(path, {}).get(method)
            if now is None:
                yield f"{method.upper()} {path} is gone"
                continue
            before = {parameter["name"]: parameter for parameter in operation.get("parameters", [])}
            after = {parameter["name"]: parameter for parameter in now.get("parameters", [])}
            yield from (f"{path}: parameter {name} is gone" for name in before.keys() - after.keys())
            for name, parameter in after.items():
                if parameter.get("required") and not before.get(name, {}).get("required"):
                    yield f"{path}: parameter {name} is required now"
            if operation["operationId"] != now["operationId"]:
                yield f"{path}: {operation['operationId']} has another name"


def _of_parts(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    parts = new["components"]["schemas"]
    for name, part in old["components"]["schemas"].items():
        now = parts.get(name)
        if now is None:
            yield f"{name} is gone"
            continue
        yield from (f"{name}: the word {word} is gone" for word in _words(part) - _words(now))
        for field, schema in part.get("properties", {}).items():
            said = now.get("properties", {}).get(field)
            if said is None:
                yield f"{name}.{field} is gone"
            elif _kind(schema) != _kind(said):
                yield f"{name}.{field} is {_kind(said)}, was {_kind(schema)}"


def _words(part: dict[str, Any]) -> set[str]:
    return {str(word) for word in part.get("enum", [])}


def _kind(schema: dict[str, Any]) -> Any:
    """What of a field's schema decides how a client reads it."""
    return {key: schema[key] for key in ("type", "$ref", "oneOf", "allOf", "items") if key in schema}


def read_examples(client: Any) -> dict[str, Any]:
    """What the API answers over the corpus, by the name of each operation that has an example."""
    return {name: client.get(f"/api/v1/{path}").json() for name, path in EXAMPLES.items()}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from studies.api import schema as api_schema
    from tests.api_calls import schema

    call_command("migrate", verbosity=0)
    call_command("load_evidence")
    found = read_examples(Client(headers={"host": "localhost"}))
    api_schema.EXAMPLES.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")

    breaking = find_breaking(read_committed(), schema()) if COMMITTED.exists() else []
    if breaking and os.environ.get("BREAKING") != "yes":
        print(
            "This would break clients; keep what was there, or see tests/openapi.py:", *breaking, sep="\n  "
        )
        return 1
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(COMMITTED))
    return 0


if __name__ == "__main__":
    sys.exit(main())
