"""Files of citations: stored, read, shown, and only then saved as drafts, all of them or none.

A draft is an entry of the editors' inbox (Find): on no page, in no pool, search or API.
docs/decisions/0020-imports-and-releases.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from studies.domain.bibliography import BIBLIOGRAPHIC_FIELDS
from studies.domain.citation_files.entry import Citation, Entry, ImportRefusedError, Unreadable
from studies.domain.citation_files.reading import MAX_BYTES, READERS, read_citations
from studies.domain.citation_files.text import CHOICES
from studies.domain.wording import clean_text, squash
from studies.models import CitationImport, Find, ImportRow, MetadataProposal, Study
from studies.services.editing import EditError
from studies.services.facts import propose
from studies.services.import_matching import (
    KnownCitations,
    Match,
    as_known,
    fields_of,
    fingerprint,
    read_known,
    telling_differences,
)

# A task that has not been taken up by then was lost with its worker or with Redis.
LOST_AFTER = timedelta(minutes=10)
# So many rows are written, and progress is told, at a time.
BATCH = 500
LOCK = 6_020_024
Progress = Callable[[int, int], None]
FIND_FIELDS = (
    *("title", "year", "journal", "journal_abbrev", "volume", "issue", "pages", "doi", "pmid", "pmcid"),
)


def store_import(
    *,
    name: str,
    content: bytes,
    now: datetime,
    editor: AbstractBaseUser | None = None,
    kind: str = "",
    encoding: str = "",
) -> CitationImport:
    """Keep a file or a pasted list, to be read by `read_import`, and return it.

    Args:
        name: what to call it, such as the file's name.
        content: the whole file.
        now: when it came.
        editor: who brought it; None for a command.
        kind: one of READERS, or "" to find it out.
        encoding: one of CHOICES, or "" to find it out.
    Raises:
        EditError: it is empty or too large, or kind or encoding are none.
    """
    if not content.strip():
        raise EditError("There is nothing in it.")
    if len(content) > MAX_BYTES:
        raise EditError(f"It is larger than {MAX_BYTES // 1024 // 1024} MB: cut it into several files.")
    if (kind and kind not in READERS) or (encoding and encoding not in CHOICES):
        raise EditError("There is no such kind of file or encoding.")
    return CitationImport.objects.create(
        name=clean_text(name)[:200] or "a file without a name",
        content=content,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        kind=kind,
        encoding=encoding,
        uploaded_at=now,
        uploaded_by=editor,  # type: ignore[misc]
    )


@transaction.atomic
def read_import(*, pk: int, now: datetime, on_progress: Progress | None = None) -> CitationImport:
    """Read a stored file and note for each entry what would become of it; return the import.

    A file that cannot be read is refused with the reason. One that was read already is left as it is.
    Raises CitationImport.DoesNotExist when it was thrown away meanwhile.
    """
    upload = CitationImport.objects.select_for_update(of=("self",)).get(pk=pk)
    if upload.state != CitationImport.State.WAITING:
        return upload
    try:
        file = read_citations(
            bytes(upload.content), kind=upload.kind or None, encoding=upload.encoding or None
        )
    except ImportRefusedError as error:
        upload.state, upload.error, upload.read_at = CitationImport.State.REFUSED, str(error), now
        upload.save()
        return upload
    known = read_known()
    rows = [_row(upload, number, entry, known) for number, entry in enumerate(file.entries, 1)]
    for start in range(0, len(rows), BATCH):
        ImportRow.objects.bulk_create(rows[start : start + BATCH])
        if on_progress:
            on_progress(min(start + BATCH, len(rows)), len(rows))
    upload.state, upload.read_at = CitationImport.State.READ, now
    upload.kind, upload.encoding = file.kind, file.encoding
    upload.is_encoding_guessed, upload.notes = file.is_encoding_guessed, list(file.notes)
    _count(upload, [row.state for row in rows])
    upload.save()
    return upload


def waiting_imports(*, now: datetime) -> list[int]:
    """Return the keys of imports that nobody has read though they came a while ago: their task was lost."""
    waiting = CitationImport.objects.filter(
        state=CitationImport.State.WAITING, uploaded_at__lt=now - LOST_AFTER
    )
    return list(waiting.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def save_import(
    *, pk: int, now: datetime, editor: AbstractBaseUser | None = None, on_progress: Progress | None = None
) -> int:
    """Save the new entries of an import as drafts, all in one transaction; return how many became drafts.

    What has come here since the preview adds nothing, nor does saving twice. Studies, trials and drafts that
    are here stay as they are: where an entry differs from a study, that is proposed to an editor.

    Raises:
        EditError: the file has not been read, or was refused.
        CitationImport.DoesNotExist: it was thrown away.
    """
    upload = CitationImport.objects.select_for_update(of=("self",)).get(pk=pk)
    if upload.state == CitationImport.State.SAVED:
        return 0
    if upload.state != CitationImport.State.READ:
        raise EditError(f"{upload} was not read, so there is nothing to save.")
    with connection.cursor() as cursor:  # two imports that are saved at once must see each other's drafts
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    rows = list(upload.rows.filter(state=ImportRow.State.NEW).order_by("number"))
    known, done = read_known(), 0
    for start in range(0, len(rows), BATCH):
        done += _save_batch(rows[start : start + BATCH], known, now)
        if on_progress:
            on_progress(min(start + BATCH, len(rows)), len(rows))
    _propose_differences(upload, now)
    upload.state, upload.saved_at, upload.n_saved = CitationImport.State.SAVED, now, done
    upload.saved_by = editor  # type: ignore[assignment]
    upload.content = b""
    _count(upload, list(upload.rows.values_list("state", flat=True)))
    upload.save()
    return done


def read_again(*, pk: int, kind: str, encoding: str) -> CitationImport:
    """Forget what was read of a file that is not saved, so that it is read in another way; return it.

    Raises EditError when it is saved, or kind or encoding are none.
    """
    if (kind and kind not in READERS) or (encoding and encoding not in CHOICES):
        raise EditError("There is no such kind of file or encoding.")
    with transaction.atomic():
        upload = CitationImport.objects.select_for_update(of=("self",)).get(pk=pk)
        if upload.state == CitationImport.State.SAVED:
            raise EditError("It is saved already; import the file once more to read it in another way.")
        upload.rows.all().delete()
        upload.kind, upload.encoding, upload.notes = kind, encoding, []
        upload.state, upload.error, upload.read_at = CitationImport.State.WAITING, "", None
        _count(upload, [])
        upload.save()
    return upload


def _row(upload: CitationImport, number: int, entry: Entry, known: KnownCitations) -> ImportRow:
    row = ImportRow(citation_import=upload, number=number, line=entry.line)
    if isinstance(entry, Unreadable):
        row.state, row.reason, row.text = ImportRow.State.UNREADABLE, entry.reason, entry.text
        return row
    row.citation, row.left_out = _as_json(entry), list(entry.left_out)
    match = known.match(entry)
    if match:
        _note_match(row, match)
    else:
        row.state = ImportRow.State.NEW
        known.add(as_known(entry, f"entry {number} of this file, in line {entry.line}"))
    return row


def _note_match(row: ImportRow, match: Match) -> None:
    row.state = ImportRow.State.DIFFERS if match.differences else ImportRow.State.SAME
    row.reason = match.reason
    row.differences = [{"field": d.field, "old": d.old, "new": d.new} for d in match.differences]
    row.study_id, row.trial_id = match.known.study_id, match.known.trial_id
    row.find_id = match.known.find_id


def _save_batch(rows: Sequence[ImportRow], known: KnownCitations, now: datetime) -> int:
    finds: list[Find] = []
    fresh: list[ImportRow] = []
    for row in rows:
        citation = _from_json(row)
        if match := known.match(citation):
            _note_match(row, match)
            continue
        known.add(as_known(citation, f"entry {row.number} of this file, in line {row.line}"))
        finds.append(_find(citation, now))
        fresh.append(row)
    for row, find in zip(fresh, Find.objects.bulk_create(finds), strict=True):
        row.find = find
    # Written over whole: thousands of rows in one statement, where bulk_update takes a minute.
    changed = ["state", "reason", "differences", "study", "trial", "find"]
    ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=changed)
    return len(finds)


def _propose_differences(upload: CitationImport, now: datetime) -> None:
    """Put before the editors what the file says otherwise of studies, as these are now."""
    rows = upload.rows.filter(state=ImportRow.State.DIFFERS, study__isnull=False).order_by("number")
    # Locked in one order, and before their proposals, as by everybody who writes to them.
    named = Study.objects.filter(pk__in=rows.values("study")).order_by("pk").select_for_update()
    studies: dict[int | None, Study] = {study.pk: study for study in named}
    for row in rows:
        study = studies[row.study_id]
        fields = {name: getattr(study, name) for name in BIBLIOGRAPHIC_FIELDS}
        for difference in telling_differences(_from_json(row), fields):
            propose(
                study=study,
                registry=MetadataProposal.IMPORTED,
                difference=difference,
                now=now,
                place=f"{upload.name}, line {row.line}",
            )


def _find(citation: Citation, now: datetime) -> Find:
    said = {name: getattr(citation, name) for name in FIND_FIELDS}
    numbers = list(citation.registry_ids)
    return Find(
        registry=Find.Origin.IMPORT,
        identifier=_identifier(citation),
        **{**said, "title": citation.title or ""},
        authors=list(citation.authors),
        registry_id=numbers[0] if citation.is_trial else None,
        registry_ids=numbers[1:] if citation.is_trial else numbers,
        first_found_at=now,
        last_found_at=now,
    )


def _identifier(citation: Citation) -> str:
    """What tells a draft from every other: its best identifier, or what all that it says comes to."""
    for name, value in (("doi", citation.doi), ("pmid", citation.pmid), ("pmcid", citation.pmcid)):
        if value:
            return _short(f"{name}:{value}")
    if citation.is_trial:
        return citation.registry_ids[0]
    return f"title:{squash(citation.title or '')[:80]}:{fingerprint(fields_of(citation))[:32]}"


def _short(text: str) -> str:
    """An index takes no text of any length."""
    return text if len(text) <= 500 else f"{text[:400]}:{hashlib.sha256(text.encode()).hexdigest()}"


def _count(upload: CitationImport, states: Sequence[str]) -> None:
    for state in ImportRow.State.values:
        setattr(upload, f"n_{state}", states.count(state))


def _as_json(citation: Citation) -> dict[str, Any]:
    """What the entry says, without what it does not."""
    said = {
        name: value for name, value in asdict(citation).items() if name not in ("line", "left_out") and value
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def _from_json(row: ImportRow) -> Citation:
    said: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in (row.citation or {}).items()
    }
    return Citation(line=row.line, **said)
