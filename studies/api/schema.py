"""What the schema says beyond what the views tell: conditional requests, links between answers, examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studies.api.past import AS_OF, AS_OF_SCHEMA

# Answers of the corpus, each by its operation; `make api-schema` writes them, a test compares them with the
# API.
EXAMPLES = Path(__file__).with_name("examples.json")

VALIDATORS = {
    "ETag": {"description": "Send it back as If-None-Match: 304 while nothing has changed."},
    "Last-Modified": {"description": "When this was first seen to stand as it does."},
    "LDN-Release": {
        "description": "The latest release, by the name under which /releases/ has it; none where none was "
        "made. With as_of, the latest of that day."
    },
    "LDN-Release-Changed": {
        "description": "true: a public record was written after it was made, the answer may differ from it; "
        "false: none was."
    },
    "Cache-Control": {"description": "Ask again each time; while the site is broken a copy may be shown."},
}
NOT_MODIFIED = {
    "description": "Nothing has changed since the answer that If-None-Match names or, without one, since the "
    "time that If-Modified-Since names."
}
RATE = {
    "RateLimit-Limit": {"description": "Requests a minute."},
    "RateLimit-Remaining": {"description": "Those that are left."},
    "RateLimit-Reset": {"description": "In so many seconds all are left again."},
}
RETRY = {"Retry-After": {"description": "Ask again in so many seconds."}}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular over the finished schema."""
    examples = json.loads(EXAMPLES.read_text())
    operations = [
        (path, operation) for path, methods in result["paths"].items() for operation in methods.values()
    ]
    result["components"]["schemas"]["AsOf"] = AS_OF_SCHEMA
    for path, operation in operations:
        if operation["operationId"].endswith(("_list", "_retrieve")):
            _tell_reading(operation)
            _tell_day(result, operation)
            _leave_out_what_may_be(result, operation)
        _tell_limits(operation)
        _link_entries(path, operation, result)
        if operation["operationId"] in examples:
            answer = operation["responses"]["200"]["content"]["application/json"]
            answer["examples"] = {"FromTheCorpus": {"value": examples[operation["operationId"]]}}
    return result


def _tell_reading(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses["200"]["headers"] = _headers(VALIDATORS)
    responses["304"] = {**NOT_MODIFIED, "headers": _headers({"ETag": VALIDATORS["ETag"]})}
    operation["responses"] = dict(sorted(responses.items()))


def _tell_day(result: dict[str, Any], operation: dict[str, Any]) -> None:
    """An answer to `as_of` says at its top what it is."""
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    component = result["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    component["properties"][AS_OF] = {"$ref": "#/components/schemas/AsOf"}


def _tell_limits(operation: dict[str, Any]) -> None:
    """An operation that may answer 429 counts its callers in every answer."""
    responses = operation["responses"]
    if "429" in responses:
        for code, response in responses.items():
            response["headers"] = _headers({**RATE, **(RETRY if code == "429" else {})})


def _headers(said: dict[str, dict[str, str]]) -> dict[str, Any]:
    is_number = {**RATE, **RETRY}
    return {
        name: {**text, "schema": {"type": "integer" if name in is_number else "string"}}
        for name, text in said.items()
    }


def _leave_out_what_may_be(result: dict[str, Any], operation: dict[str, Any]) -> None:
    """No field of an entry is required: `fields` may leave any of them out. Those of its parts are."""
    _entry_of(result, operation).pop("required", None)


def _entry_of(result: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The schema of one entry, of a list or by itself."""
    components: dict[str, dict[str, Any]] = result["components"]["schemas"]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    entry = components[answer["$ref"].rpartition("/")[2]]
    if operation["operationId"].endswith("_list"):
        entry = components[entry["properties"]["results"]["items"]["$ref"].rpartition("/")[2]]
    return entry


def _link_entries(path: str, operation: dict[str, Any], result: dict[str, Any]) -> None:
    """From the first row of a list to its own address, as those who walk the schema do.

    The address is made of the field that is called as it is there, else of the entry's id.
    """
    for other, methods in result["paths"].items():
        rest = other.removeprefix(path)
        if rest != other and rest.startswith("{") and rest.endswith("}/") and "get" in methods:
            name = rest[1:-2]
            target = methods["get"]["operationId"]
            field = name if name in _entry_of(result, operation)["properties"] else "id"
            source = f"$response.body#/results/0/{field}"
            operation["responses"]["200"]["links"] = {
                "FirstEntry": {"operationId": target, "parameters": {name: source}}
            }
