"""The whole corpus: which files it has, and what must hold between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from conditions.domain.article import ArticleRecord, read_article
from conditions.domain.record import ClaimFile, ConditionFile, SafetyFile
from studies.domain.corpus_file import Complaint, read_record
from studies.domain.instrument_record import InstrumentFile
from studies.domain.record import StudyRecord
from studies.domain.record_types import Record
from studies.domain.trial_record import SideEffectFile, TrialFile

IDENTIFIERS = ("doi", "pmid", "pmcid")


@dataclass
class Corpus:
    """What a directory of corpus files says. A file that is not there says nothing."""

    studies: dict[str, StudyRecord] = field(default_factory=dict)
    conditions: ConditionFile | None = None
    claims: ClaimFile | None = None
    safety: SafetyFile | None = None
    trials: TrialFile | None = None
    side_effects: SideEffectFile | None = None
    instruments: InstrumentFile | None = None
    articles: dict[str, ArticleRecord] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What the database already holds, as far as the files lean on it."""

    conditions: frozenset[str] = frozenset()
    studies: frozenset[str] = frozenset()
    side_effects: frozenset[str] = frozenset()
    identifiers: Mapping[tuple[str, object], str] = field(default_factory=dict)
    knows_all_conditions: bool = False
    knows_all_side_effects: bool = False


def read_corpus(files: Mapping[str, bytes], known: Known) -> tuple[Corpus, list[Complaint]]:
    """Return the corpus, and every complaint about every file; it may be saved only if there is none.

    Args:
        files: contents by name relative to the corpus directory, such as studies/younger2013.yaml.
        known: what is in the database already.
    """
    corpus = Corpus()
    complaints: list[Complaint] = []
    heads: dict[str, type[Record]] = {
        "conditions.yaml": ConditionFile,
        "claims.yaml": ClaimFile,
        "safety.yaml": SafetyFile,
        "trials.yaml": TrialFile,
        "side_effects.yaml": SideEffectFile,
        "instruments.yaml": InstrumentFile,
    }
    for name, raw in sorted(files.items()):
        if name.startswith("studies/"):
            study, found = read_record(StudyRecord, raw, name)
            if study is not None:
                corpus.studies[name] = study
        elif name.startswith("articles/"):
            article, found = read_article(raw, name)
            if article is not None:
                corpus.articles[name] = article
        elif name in heads:
            head, found = read_record(heads[name], raw, name)
            setattr(corpus, name.removesuffix(".yaml"), head)
        else:
            found = [
                Complaint(
                    name,
                    "",
                    f"is not a corpus file; those are studies/*.yaml, articles/*.md, {', '.join(heads)}",
                )
            ]
        complaints += found
    return corpus, complaints + list(check_corpus(corpus, _with_refused(files, corpus, known)))


def _with_refused(files: Mapping[str, bytes], corpus: Corpus, known: Known) -> Known:
    """What a refused file would have brought counts as known, so that one mistake is named once."""
    refused = {
        name.removeprefix("studies/").removesuffix(".yaml")
        for name in files
        if name.startswith("studies/") and name not in corpus.studies
    }
    has_conditions = corpus.conditions is not None or "conditions.yaml" not in files
    has_side_effects = corpus.side_effects is not None or "side_effects.yaml" not in files
    return replace(
        known,
        studies=known.studies | refused,
        knows_all_conditions=not has_conditions,
        knows_all_side_effects=not has_side_effects,
    )


def check_corpus(corpus: Corpus, known: Known) -> Iterator[Complaint]:
    """Every complaint about what two files, or a file and the database, say together."""
    yield from _repeated_identifiers(corpus, known)
    yield from _repeated_entries(corpus)
    yield from _unknown_conditions(corpus, known)
    yield from _unknown_studies(corpus, known)
    yield from _unknown_side_effects(corpus, known)


def _repeated_identifiers(corpus: Corpus, known: Known) -> Iterator[Complaint]:
    seen: dict[tuple[str, object], str] = {}
    for file, study in corpus.studies.items():
        if study.key in [other.key for name, other in corpus.studies.items() if name < file]:
            yield Complaint(file, "key", f"{study.key} is the key of another file too")
        if file != f"studies/{study.key}.yaml":
            yield Complaint(file, "key", f"the file of {study.key} must be called {study.key}.yaml")
        for name in IDENTIFIERS:
            value = getattr(study, name)
            owner = seen.get((name, value)) or known.identifiers.get((name, value))
            if value is not None and owner not in (None, study.key):
                yield Complaint(file, name, f"{value} belongs to {owner} already")
            seen[name, value] = study.key


def _repeated_entries(corpus: Corpus) -> Iterator[Complaint]:
    conditions = corpus.conditions.conditions if corpus.conditions else []
    claims = corpus.claims.claims if corpus.claims else []
    yield from _repeats("conditions.yaml", "slug", [c.slug for c in conditions])
    yield from _repeats("conditions.yaml", "name", [c.name.lower() for c in conditions])
    yield from _repeats("claims.yaml", "id", [c.id for c in claims])
    yield from _repeats(
        "claims.yaml", "omissions.id", [o.id for o in corpus.claims.omissions] if corpus.claims else []
    )
    yield from _repeats("safety.yaml", "id", [f.id for f in corpus.safety.facts] if corpus.safety else [])
    yield from _repeats("trials.yaml", "id", [t.id for t in corpus.trials.trials] if corpus.trials else [])
    entries = corpus.side_effects.side_effects if corpus.side_effects else []
    yield from _repeats("side_effects.yaml", "slug", [e.slug for e in entries])
    instruments = corpus.instruments.instruments if corpus.instruments else []
    yield from _repeats("instruments.yaml", "slug", [i.slug for i in instruments])
    yield from _repeats(
        "instruments.yaml", "reported_as", [name for i in instruments for name in i.reported_as]
    )
    yield from _two_articles_of_a_condition(corpus)
    yield from _repeats("side_effects.yaml", "reported_as", [name for e in entries for name in e.reported_as])


def _two_articles_of_a_condition(corpus: Corpus) -> Iterator[Complaint]:
    first: dict[str, str] = {}
    for file, article in corpus.articles.items():
        other = first.setdefault(article.condition, file) if article.condition else file
        if other != file:
            reason = f"{article.condition} has an article already ({other}); a condition has one"
            yield Complaint(file, "condition", reason)


def _repeats(file: str, field_name: str, values: list[str]) -> Iterator[Complaint]:
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield Complaint(file, field_name, f"{value} stands twice")


def _unknown_conditions(corpus: Corpus, known: Known) -> Iterator[Complaint]:
    slugs = known.conditions | {c.slug for c in (corpus.conditions.conditions if corpus.conditions else [])}
    for file, where, named in _named_conditions(corpus):
        for slug in named:
            if slug not in slugs and not known.knows_all_conditions:
                yield Complaint(file, where, f"there is no condition {slug}; add it to conditions.yaml")


def _named_conditions(corpus: Corpus) -> Iterator[tuple[str, str, Iterable[str]]]:
    for file, study in corpus.studies.items():
        yield file, "conditions", study.conditions
    for claim in corpus.claims.claims if corpus.claims else []:
        yield "claims.yaml", f"{claim.id}.conditions", claim.conditions
    for trial in corpus.trials.trials if corpus.trials else []:
        yield "trials.yaml", f"{trial.id}.conditions", trial.conditions
    for file, article in corpus.articles.items():
        yield file, "condition", [article.condition] if article.condition else []


def _unknown_studies(corpus: Corpus, known: Known) -> Iterator[Complaint]:
    keys = known.studies | {study.key for study in corpus.studies.values()}
    for file, where, key in _named_studies(corpus):
        if key not in keys:
            yield Complaint(file, where, f"there is no study {key}")


def _named_studies(corpus: Corpus) -> Iterator[tuple[str, str, str]]:
    for claim in corpus.claims.claims if corpus.claims else []:
        for study in claim.studies:
            yield "claims.yaml", f"{claim.id}.studies", study.key
    for fact in corpus.safety.facts if corpus.safety else []:
        for key in fact.studies:
            yield "safety.yaml", f"{fact.id}.studies", key
    for trial in corpus.trials.trials if corpus.trials else []:
        if trial.results_key:
            yield "trials.yaml", f"{trial.id}.results_key", trial.results_key


def _unknown_side_effects(corpus: Corpus, known: Known) -> Iterator[Complaint]:
    entries = corpus.side_effects.side_effects if corpus.side_effects else []
    slugs = known.side_effects | {entry.slug for entry in entries}
    for claim in corpus.claims.claims if corpus.claims else []:
        for slug in claim.question.side_effects if claim.question else []:
            if slug not in slugs and not known.knows_all_side_effects:
                yield Complaint(
                    "claims.yaml",
                    f"{claim.id}.question.side_effects",
                    f"there is no side effect {slug}; add it to side_effects.yaml",
                )
