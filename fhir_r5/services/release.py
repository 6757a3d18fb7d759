"""The part of a release that hospitals' programs read."""

from __future__ import annotations

import simplejson

from fhir_r5.services.collections import bundle, everything


def write_bundle() -> dict[str, bytes]:
    """Return all resources as one Bundle in a file by its name; numbers have the digits that were printed."""
    found = bundle("collection", everything(), id="ldn-kb")
    text = simplejson.dumps(found, use_decimal=True, ensure_ascii=False, separators=(",", ":"))
    return {"fhir/bundle.json": f"{text}\n".encode()}
