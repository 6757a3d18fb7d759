"""What this server can do, as CapabilityStatement (https://hl7.org/fhir/R5/capabilitystatement.html)."""

from __future__ import annotations

from django.conf import settings

from fhir_r5.domain.codes import Json
from fhir_r5.domain.shapes import TRIAL_USE
from fhir_r5.services.collections import KINDS

# Of this statement; it changes with what the server can do, never with the evidence.
DATED = "2026-11-25"


def capability() -> Json:
    """Return the statement: five kinds to read and list, and a Bundle for each condition."""
    listed = [
        {"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}], "searchParam": [_by_id()]}
        for kind in KINDS
    ]
    bundles = {"type": "Bundle", "interaction": [{"code": "read"}]}
    return {
        "resourceType": "CapabilityStatement",
        "id": "ldn-kb",
        "meta": {"tag": [TRIAL_USE]},
        "url": f"{settings.PUBLIC_URL}/fhir/metadata",
        "status": "active",
        "experimental": True,
        "date": DATED,
        "kind": "instance",
        "description": "Evidence on low-dose naltrexone, to be read only. At trial use, as FHIR says.",
        "implementation": {"description": "LDN knowledge base", "url": f"{settings.PUBLIC_URL}/fhir"},
        "fhirVersion": "5.0.0",
        "format": ["json"],
        "rest": [{"mode": "server", "resource": [*listed, bundles]}],
    }


def _by_id() -> Json:
    words = "Logical ids, separated by commas."
    return {"name": "_id", "type": "token", "documentation": words}
