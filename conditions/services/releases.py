"""Releases: all that is published, as files that are written once and never changed.

docs/decisions/0020-imports-and-releases.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from conditions.domain.release import (
    citation_file,
    describe_changes,
    name_release,
    pack_files,
    sum_files,
    write_json,
)
from conditions.models import AnswerChange, Article, Certainty, ComputedVerdict, Release, ReleaseFile
from conditions.services.changes import take_snapshot
from conditions.services.corpus import dump_files
from conditions.services.release_tables import write_parquet_tables, write_tables
from studies.domain.corpus_file import write_yaml
from studies.models import Study
from studies.services.following import follow_edit

LOCK = 6_020_025
STATE = "state.json"
README = """# LDN knowledge base, release {name}

All that was published on {day}. Not medical advice: these are reports of studies.

- `corpus/`: the records as files (YAML, Markdown), as `manage.py load_evidence` reads them.
- `tables/`: the same facts and what was computed from them, as CSV; `parquet/`: the same tables as Parquet.
  `data-dictionary.csv` explains each column of both.
- `fhir/bundle.json`: the evidence as FHIR R5 resources in one Bundle, at trial use.
- `CHANGES.md`: what differs from the release before.
- `state.json`: answers and papers in short, from which the next release tells what changed.
- `SHA256SUMS`: check with `sha256sum --check SHA256SUMS`.
- `CITATION.cff`: how to cite it.

An empty cell means that the sources read do not say it, never zero. Drafts are left out.

Licence: CC BY 4.0.
"""


class ReleaseUnderWayError(Exception):
    """Another release is being made at the same time; it goes on undisturbed."""


def make_release(*, now: datetime) -> tuple[Release, bool]:
    """Write a release of what is published now, and return it with whether it is new.

    Nothing is written while nothing has changed since the last release: that one is returned.

    Raises:
        ReleaseUnderWayError: another one is being made; nothing was written.
    """
    is_outermost = not connection.in_atomic_block
    with _alone():
        made_from = _oldest_start()
        with transaction.atomic(), connection.cursor() as cursor:
            if is_outermost:  # every query then sees the same state, whatever is saved meanwhile
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            return _make(now, made_from)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of those who make releases, from before the first look at the records on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise ReleaseUnderWayError("another release is being made: wait until it is done.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _oldest_start() -> datetime:
    """When the oldest transaction that still runs began: what began before is in what is read from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(now(), min(xact_start)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        start: datetime = cursor.fetchone()[0]
        return start


def _make(now: datetime, made_from: datetime) -> tuple[Release, bool]:
    content = read_content()
    digest = hashlib.sha256(sum_files(content)).hexdigest()
    last = Release.objects.first()
    if last and last.content_sha256 == digest:
        return last, False
    day = now.astimezone(UTC).date()
    name = name_release(day, set(Release.objects.values_list("name", flat=True)))
    changes = _changes_since(last, content)
    whole = {**content, **read_copies()}
    files = build_files(content=whole, name=name, day=day, changes=changes, is_first=last is None)
    release = Release.objects.create(
        name=name, day=day, made_at=now, made_from=made_from, content_sha256=digest, changes=changes
    )
    ReleaseFile.objects.bulk_create(
        ReleaseFile(
            release=release,
            name=file,
            content=raw,
            size=len(raw),
            sha256=hashlib.sha256(raw).hexdigest(),
        )
        for file, raw in sorted(files.items())
    )
    follow_edit(now=now)
    return release, True


def read_content() -> dict[str, bytes]:
    """Return the files that depend on the records alone: corpus, tables, dictionary and state."""
    studies = set(Study.objects.published().values_list("key", flat=True))
    articles = set(Article.objects.published().values_list("slug", flat=True))
    corpus = {
        f"corpus/{name}": raw for name, raw in dump_files().items() if _is_public(name, studies, articles)
    }
    return {**corpus, **write_tables(), STATE: write_json(_read_state(corpus))}


def read_copies() -> dict[str, bytes]:
    """Return the same facts in other forms: what alone is new in them, such as when a registry was asked
    last, makes no new release."""
    files = write_parquet_tables()
    for part in settings.RELEASE_PARTS:
        files |= import_string(part)()
    return files


def build_files(
    *, content: Mapping[str, bytes], name: str, day: date, changes: list[str], is_first: bool
) -> dict[str, bytes]:
    """Return all files of a release by name, the archive of all of them among them."""
    address = f"{settings.PUBLIC_URL}/releases/{name}/"
    said = "\n".join(f"- {line}" for line in changes) or ("The first release." if is_first else "Nothing.")
    files = {
        **content,
        "README.md": README.format(name=name, day=day.isoformat()).encode(),
        "CHANGES.md": f"# What changed in {name}\n\n{said}\n".encode(),
        "CITATION.cff": write_yaml(citation_file(name, day, address)),
    }
    files["SHA256SUMS"] = sum_files(files)
    return {**files, f"ldn-kb-{name}.zip": pack_files(files, f"ldn-kb-{name}")}


def _is_public(name: str, studies: set[str], articles: set[str]) -> bool:
    folder, _, file = name.rpartition("/")
    key = file.rpartition(".")[0]
    return {"studies": key in studies, "articles": key in articles}.get(folder, True)


def _read_state(corpus: Mapping[str, bytes]) -> dict[str, Any]:
    hashes = {name: hashlib.sha256(raw).hexdigest() for name, raw in corpus.items()}
    studies = {
        key: {"title": title, "publication_status": status, "sha256": hashes[f"corpus/studies/{key}.yaml"]}
        for key, title, status in Study.objects.published().values_list("key", "title", "publication_status")
    }
    others = {name: each for name, each in hashes.items() if not name.startswith("corpus/studies/")}
    return {"answers": _read_answers(), "studies": studies, "files": others}


def _read_answers() -> dict[str, dict[str, str]]:
    """Each answer by kind and subject, with its words and the reason that is on record."""
    verdicts = dict(ComputedVerdict.objects.values_list("claim__slug", "reason"))
    reasons = {f"verdict:{slug}": reason for slug, reason in verdicts.items()}
    for row in Certainty.objects.select_related("condition"):
        steps = [str(step["reason"]) for step in row.changes]
        subject = f"{row.condition.slug}/{row.domain}/{row.comparator}"
        reasons[f"certainty:{subject}"] = row.override_reason or "; ".join(steps)
    found = {}
    for (kind, subject), answer in take_snapshot().items():
        because = reasons.get(f"{kind.value}:{subject}", "")
        found[f"{kind.value}:{subject}"] = {"name": answer.name, "words": answer.words, "because": because}
    return found


def _changes_since(last: Release | None, content: Mapping[str, bytes]) -> list[str]:
    if last is None:
        return []
    before = json.loads(bytes(last.files.get(name=STATE).content))
    causes: dict[str, str] = {}
    for change in AnswerChange.objects.filter(at__gt=last.made_at).prefetch_related("statuses__study"):
        moved = [f"{row.study.key}: {row.before} → {row.after}" for row in change.statuses.all()]
        why = ", ".join(moved) or "records were changed"
        for line in change.lines:
            causes.setdefault(f"{line['kind']} of {line['name']}", f"{change.at:%Y-%m-%d}: {why}")
    return describe_changes(before, json.loads(content[STATE]), causes)
