"""The corpus as a whole, into the database and out again."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from pydantic import ValidationError

from conditions.domain.article import write_article
from conditions.domain.corpus import IDENTIFIERS, Corpus, Known, read_corpus
from conditions.models import Article, Claim, Collection, Condition, Omission, SafetyFact, VocabularySource
from conditions.services.answers import refresh_numbers
from conditions.services.article_entries import fill_article_row, read_article_row, save_loaded_articles
from conditions.services.articles import refresh_articles
from conditions.services.changes import record_change, take_snapshot
from conditions.services.entries import (
    read_claim,
    read_condition,
    read_omission,
    read_safety_fact,
    write_claim,
    write_condition,
    write_omission,
    write_safety_fact,
)
from search.services.indexing import update_search
from studies.domain.corpus_file import MAX_BYTES, Complaint, write_yaml
from studies.domain.merge import merge_entry
from studies.domain.record_types import Record
from studies.models import Instrument, SideEffect, Study, Trial
from studies.services.citations import format_citations
from studies.services.instruments import read_instrument, write_instrument
from studies.services.read_study import read_study
from studies.services.side_effects import read_side_effect, write_side_effect
from studies.services.trials import read_trial, write_trial
from studies.services.write_study import write_study

MAX_FILES = 20_000


class CorpusRefusedError(ValueError):
    """The corpus was not saved; `complaints` says why, file by file."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__(f"{len(complaints)} complaints")
        self.complaints = complaints


@dataclass
class LoadReport:
    """What a load did: keys by kind of entry."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """How one kind of entry is found, read and written."""

    name: str
    key_field: str
    rows: Callable[[], models.QuerySet[Any]]
    read: Callable[[Any], Record]
    write: Callable[..., Any]


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "condition",
            "slug",
            lambda: Condition.objects.prefetch_related("synonyms").order_by("position", "pk"),
            read_condition,
            write_condition,
        ),
        Kind(
            "side effect",
            "slug",
            lambda: SideEffect.objects.order_by("position", "pk"),
            read_side_effect,
            write_side_effect,
        ),
        Kind(
            "instrument",
            "slug",
            lambda: Instrument.objects.order_by("position", "pk"),
            read_instrument,
            write_instrument,
        ),
        Kind(
            "study", "key", lambda: Study.objects.with_everything().order_by("key"), read_study, write_study
        ),
        Kind(
            "trial",
            "registry_id",
            lambda: Trial.objects.with_conditions().order_by("position", "pk"),
            read_trial,
            write_trial,
        ),
        Kind("claim", "slug", lambda: Claim.objects.with_evidence(), read_claim, write_claim),
        Kind(
            "omission",
            "slug",
            lambda: Omission.objects.prefetch_related("references"),
            read_omission,
            write_omission,
        ),
        Kind(
            "safety fact",
            "slug",
            lambda: SafetyFact.objects.with_sources(),
            read_safety_fact,
            write_safety_fact,
        ),
        Kind(
            "article",
            "slug",
            lambda: Article.objects.select_related("condition").order_by("slug"),
            read_article_row,
            fill_article_row,
        ),
    )
}


def read_directory(directory: Path) -> dict[str, bytes]:
    """Return the contents of the corpus files in a directory, by relative name.

    A file over MAX_BYTES is read only as far as shows that it is too large.
    Raises:
        CorpusRefusedError: there is no such directory, it holds no corpus file, or too many, or files that
            cannot be read.
    """
    if not directory.is_dir():
        raise CorpusRefusedError([Complaint(str(directory), "", "is not a directory")])
    paths = sorted(
        [*directory.glob("*.yaml"), *directory.glob("studies/*.yaml"), *directory.glob("articles/*.md")]
    )
    if not paths:
        raise CorpusRefusedError(
            [Complaint(str(directory), "", "holds no corpus file (*.yaml, studies/*.yaml, articles/*.md)")]
        )
    if len(paths) > MAX_FILES:
        raise CorpusRefusedError([Complaint(str(directory), "", f"holds more than {MAX_FILES:,} files")])
    files: dict[str, bytes] = {}
    complaints = []
    for path in paths:
        name = str(path.relative_to(directory))
        try:
            files[name] = _read_file(path)
        except OSError as error:
            complaints.append(Complaint(name, "", f"cannot be read: {error.strerror}"))
    if complaints:
        raise CorpusRefusedError(complaints)
    return files


def _read_file(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for, a device never ends
        raise OSError(errno.EINVAL, "it is not a file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


@transaction.atomic
def load_corpus(*, files: Mapping[str, bytes]) -> LoadReport:
    """Save a corpus in one transaction; an editor's change since the last load stays.

    Args:
        files: contents by relative name, as read_directory gives them.
    Raises:
        CorpusRefusedError: with every complaint about every file; the database is as it was.
    """
    corpus, complaints = read_corpus(files, _known())
    if complaints:
        raise CorpusRefusedError(complaints)
    report, before = LoadReport(), take_snapshot()
    _load(report, "condition", corpus.conditions.conditions if corpus.conditions else [])
    _load(report, "side effect", corpus.side_effects.side_effects if corpus.side_effects else [])
    _load(report, "instrument", corpus.instruments.instruments if corpus.instruments else [])
    condition_ids = dict(Condition.objects.values_list("slug", "pk"))
    written = _load(report, "study", list(corpus.studies.values()), condition_ids=condition_ids)
    _load(report, "trial", corpus.trials.trials if corpus.trials else [], condition_ids=condition_ids)
    _load(report, "claim", corpus.claims.claims if corpus.claims else [])
    _load(report, "omission", corpus.claims.omissions if corpus.claims else [])
    _load(report, "safety fact", corpus.safety.facts if corpus.safety else [])
    _load_heads(corpus)
    format_citations(
        studies=[
            *written,
            *Study.objects.filter(citation_apa_html="").exclude(pk__in=[s.pk for s in written]),
        ]
    )
    refresh_numbers(now=timezone.now())
    # Last: an article is rendered from the records as they are now.
    articles = _load(report, "article", list(corpus.articles.values()))
    save_loaded_articles(rows=articles, now=timezone.now())
    refresh_articles(now=timezone.now())  # those whose own file is as it was, but not the records they quote
    record_change(before=before, now=timezone.now())
    update_search(now=timezone.now())
    report.drafts += [f"article {row.slug}, {len(row.findings)} findings" for row in articles if row.findings]
    return report


def _known() -> Known:
    identifiers = {
        (name, value): key
        for name in IDENTIFIERS
        for key, value in Study.objects.exclude(**{name: None}).values_list("key", name)
    }
    return Known(
        conditions=frozenset(Condition.objects.values_list("slug", flat=True)),
        studies=frozenset(Study.objects.values_list("key", flat=True)),
        side_effects=frozenset(SideEffect.objects.values_list("slug", flat=True)),
        identifiers=identifiers,
    )


def _load(report: LoadReport, name: str, records: Sequence[Record], **context: Any) -> list[Any]:
    """Save the records of one kind; return the rows that were written."""
    kind = KINDS[name]
    keys = [_key(record) for record in records]
    rows = {
        getattr(row, kind.key_field): row for row in kind.rows().filter(**{f"{kind.key_field}__in": keys})
    }
    written = []
    for position, (key, record) in enumerate(zip(keys, records, strict=True)):
        if name not in ("study", "article"):
            context["position"] = position
        row = _load_one(report, kind, key, record, rows.get(key), context)
        if row is not None:
            written.append(row)
    return written


def _load_one(
    report: LoadReport, kind: Kind, key: str, record: Record, row: Any, context: dict[str, Any]
) -> Any:
    """Save one record if it says something new. Returns the row if it was written."""
    label = f"{kind.name} {key}"
    theirs = record.model_dump(by_alias=False)
    if row is None:
        report.added.append(label)
        return kind.write(record=record, row=None, loaded_record=theirs, **context)
    merge = merge_entry(
        _as_loaded(record, row.loaded_record), kind.read(row).model_dump(by_alias=False), theirs
    )
    if merge.kept:
        report.kept.append(f"{label}: {', '.join(merge.kept)}")
    if not merge.taken:
        if not merge.kept:
            report.same.append(label)
        return None
    report.changed.append(f"{label}: {', '.join(merge.taken)}")
    base = {**(row.loaded_record or {}), **{name: theirs[name] for name in merge.taken}}
    return kind.write(
        record=type(record).model_validate(merge.merged), row=row, loaded_record=base, **context
    )


def _as_loaded(record: Record, loaded: dict[str, Any] | None) -> dict[str, Any] | None:
    """The entry as last loaded, with the fields that records have got since: nobody has changed those."""
    try:
        return loaded and type(record).model_validate(loaded).model_dump(by_alias=False)
    except ValidationError:
        return loaded


def _key(record: Any) -> str:
    return str(getattr(record, "key", None) or getattr(record, "slug", None) or record.id)


def _load_heads(corpus: Corpus) -> None:
    """Save what the files say of themselves: where codes are from, when claims and safety were checked."""
    if corpus.conditions:
        VocabularySource.objects.all().delete()
        VocabularySource.objects.bulk_create(
            VocabularySource(position=i, url=source.url, used_for=source.used_for)
            for i, source in enumerate(corpus.conditions.sources)
        )
    if corpus.claims:
        source = corpus.claims.source
        _save_collection("claims", source.title, source.checked_on)
    if corpus.safety:
        _save_collection("safety", corpus.safety.about, corpus.safety.checked_on)


def _save_collection(slug: str, title: str, checked_on: str) -> None:
    Collection.objects.update_or_create(slug=slug, defaults={"title": title, "checked_on": checked_on})


def dump_corpus() -> dict[str, Any]:
    """Return the whole corpus as plain data by relative file name, ready for write_yaml.

    load_corpus over what this gives changes nothing.
    """
    files: dict[str, Any] = {
        "conditions.yaml": {
            "sources": [{"url": s.url, "for": s.used_for} for s in VocabularySource.objects.all()],
            "conditions": _dump("condition"),
        },
        "side_effects.yaml": {"side_effects": _dump("side effect")},
        "instruments.yaml": {"instruments": _dump("instrument")},
        "trials.yaml": {"trials": _dump("trial")},
    }
    heads = {collection.slug: collection for collection in Collection.objects.all()}
    if "claims" in heads:
        source = {"title": heads["claims"].title, "checked_on": heads["claims"].checked_on}
        files["claims.yaml"] = {"source": source, "claims": _dump("claim"), "omissions": _dump("omission")}
    if "safety" in heads:
        head = heads["safety"]
        files["safety.yaml"] = {
            "about": head.title,
            "checked_on": head.checked_on,
            "facts": _dump("safety fact"),
        }
    for study in KINDS["study"].rows():
        files[f"studies/{study.key}.yaml"] = read_study(study).to_file()
    return files


def dump_files() -> dict[str, bytes]:
    """Return every corpus file by relative name; what nobody changed has the bytes that were loaded."""
    files = {name: write_yaml(data) for name, data in dump_corpus().items()}
    kind = KINDS["article"]
    return files | {f"articles/{row.slug}.md": write_article(read_article_row(row)) for row in kind.rows()}


def _dump(name: str) -> list[dict[str, Any]]:
    kind = KINDS[name]
    return [kind.read(row).to_file() for row in kind.rows()]
