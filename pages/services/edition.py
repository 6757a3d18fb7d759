"""The fingerprint of the code: a page that other code has rendered is not ours."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

FOLDERS = (
    "templates",
    "static",
    "ldn_kb",
    "studies",
    "conditions",
    "pages",
    "readers",
    "search",
    "fhir_r5",
    "history",
    "locale",
)
SUFFIXES = {".html", ".py", ".css", ".js", ".svg", ".txt", ".xml", ".mo", ".yaml"}


@cache
def read_edition() -> str:
    """Return 32 hexadecimal digits of the code, templates, static files and the address of the site.

    A deployment of new templates thus makes every page stale without anybody having to say so, and so does
    another list of names for static files, as pages hold those names.
    """
    root = Path(settings.BASE_DIR)
    digest = sha256(
        f"{settings.VERSION} {settings.PUBLIC_URL} {settings.DEBUG} {settings.LANGUAGE_CODE} "
        f"{getattr(staticfiles_storage, 'manifest_hash', '')}".encode()
    )
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in SUFFIXES)
    for path in sorted(files):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    pins = root / "requirements.lock"
    digest.update(pins.read_bytes() if pins.exists() else b"")
    return digest.hexdigest()[:32]
