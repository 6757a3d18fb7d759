"""Styles and scripts under names that change with what is in them, packed, and kept while pages name them."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import brotli
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage

# The name of a file that never changes. settings.py has it too, and deploy/nginx.conf.
HASHED = re.compile(r"^(?P<stem>.+)\.[0-9a-f]{12}(?P<suffix>\.[a-z0-9]+)$")
PACKED_KINDS = {".css", ".js", ".svg"}
PACKED = (".br", ".gz")
# Maps of source code, and viewers of the API that no page shows.
IGNORED = ["*.map", "*/redoc", "rest_framework"]
# Longer than anybody shows a page that is not asked about again: the proxy 30 days, a browser one.
KEEP = timedelta(days=60)
# 9 packs the largest file in a tenth of a second; 11 takes three for a twentieth less.
BROTLI_QUALITY = 9


class HashedNames(ManifestStaticFilesStorage):
    """Names by content once the files were collected; before that, and while developing, plain ones.

    Plain names are served as well, so that nothing but speed is lost where nobody has collected.
    """

    # Only what a stylesheet shows; where its source may be found is nobody's business here.
    patterns = (("*.css", ManifestStaticFilesStorage.patterns[0][1][:2]),)

    def stored_name(self, name: str) -> str:
        """Return the name with the fingerprint of its content, or the same one where that is not known."""
        return super().stored_name(name) if name in self.hashed_files else name


@dataclass(frozen=True)
class Collected:
    """What one collection did: how many files the site has, and how many names are new and are gone."""

    n_files: int
    n_new: int
    n_removed: int


def collect_static(*, root: Path, now: datetime) -> Collected:
    """Put every static file under STATIC_ROOT: under its own name, and packed under one by its content.

    What earlier pages refer to stays for KEEP after it was replaced. The list of names is put in place last,
    so that no page ever refers to a file that is not there yet. Safe to run twice, and beside a running site.

    Args:
        root: the directory to fill; made where it is missing.
        now: the time from which on what is replaced is kept.

    Raises:
        ValueError: a stylesheet refers to a file that does not exist.
    """
    root.mkdir(parents=True, exist_ok=True)
    _touch(root, _named(root), now)
    with TemporaryDirectory(dir=root, prefix=".new-") as place:
        fresh = Path(place)
        names = _collect_into(fresh)
        new = [name for name in names.values() if not (root / name).exists()]
        for name in new:
            _pack(fresh / name)
        _move(fresh, root, set(names.values()) - set(new))
    return Collected(len(names), len(new), _remove_old(root, set(names.values()), now))


def with_current_names(html: bytes) -> bytes:
    """Return HTML that was kept with each static file under the name that it has today."""
    return _rename(html, staticfiles_storage.url)


def with_plain_names(html: bytes) -> bytes:
    """Return HTML with each static file under its plain name: the same whatever is in the files."""
    return _rename(html, lambda name: f"{settings.STATIC_URL}{name}")


def _rename(html: bytes, address_of: Callable[[str], str]) -> bytes:
    def renamed(match: re.Match[bytes]) -> bytes:
        return address_of(HASHED.sub(r"\g<stem>\g<suffix>", match[1].decode())).encode()

    return re.sub(rb"""(?<=["'])%b([^"'?#]+)""" % re.escape(settings.STATIC_URL.encode()), renamed, html)


def _collect_into(place: Path) -> dict[str, str]:
    """Copy every file into an empty directory under both its names; the list of them."""
    storage = HashedNames(location=place)
    found: dict[str, Any] = {}
    for finder in get_finders():
        for path, source in finder.list(IGNORED):
            prefix = getattr(source, "prefix", None) or ""
            found.setdefault(os.path.join(prefix, path), (source, path))
    for name, (source, path) in found.items():
        with source.open(path) as content:
            storage.save(name, content)
    for name, _, outcome in storage.post_process(found):
        if isinstance(outcome, Exception):
            raise ValueError(f"{name}: {outcome}")
    return dict(storage.hashed_files)


def _pack(path: Path) -> None:
    if path.suffix in PACKED_KINDS:
        content = path.read_bytes()
        Path(f"{path}.br").write_bytes(brotli.compress(content, quality=BROTLI_QUALITY))
        Path(f"{path}.gz").write_bytes(gzip.compress(content, 9, mtime=0))


def _named(root: Path) -> set[str]:
    manifest = root / HashedNames.manifest_name
    return set(json.loads(manifest.read_text())["paths"].values()) if manifest.exists() else set()


def _move(fresh: Path, root: Path, known: set[str]) -> None:
    """Move each file to its place, the packed ones before what they are packed from, the list last."""
    files = sorted((path for path in fresh.rglob("*") if path.is_file()), reverse=True)
    manifest = fresh / HashedNames.manifest_name
    for path in [*(path for path in files if path != manifest), manifest]:
        name = str(path.relative_to(fresh))
        if name not in known:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            path.replace(root / name)


def _touch(root: Path, names: set[str], now: datetime) -> None:
    """Note that these names were in use until now."""
    for path in _files_of(root, names):
        os.utime(path, (now.timestamp(), now.timestamp()))


def _remove_old(root: Path, names: set[str], now: datetime) -> int:
    """Remove what has been out of use for long, with its packed forms; how many names are gone."""
    kept = set(_files_of(root, names))
    oldest = (now - KEEP).timestamp()
    n_removed = 0
    for path in root.rglob("*"):
        if HASHED.match(_unpacked(path).name) and path not in kept and path.stat().st_mtime < oldest:
            path.unlink()
            n_removed += path == _unpacked(path)
    return n_removed


def _unpacked(path: Path) -> Path:
    return path.with_suffix("") if path.suffix in PACKED else path


def _files_of(root: Path, names: set[str]) -> Iterator[Path]:
    paths = (root / f"{name}{suffix}" for name in names for suffix in ("", *PACKED))
    return (path for path in paths if path.exists())
