"""Articles saved, checked and rendered: on save and when a record changes, never when they are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from conditions.domain.article import ArticleRecord, ArticleText, FigureValue
from conditions.domain.article_lint import CitedRecord, Finding, Ground, lint
from conditions.domain.article_numbers import numbers_in
from conditions.domain.reading_grade import Grades, grades_of
from conditions.models import Article, ArticleRevision, Claim, Condition
from conditions.services.article_rendering import Rendered, render, typeset_ahead
from conditions.services.figure_facts import ALL, condition_of, load_facts
from conditions.services.figures import Figure, make_figure
from studies.domain.citation import csl_item
from studies.domain.corpus_file import write_yaml
from studies.domain.wording import status_mark
from studies.models import SideEffect, Study, Trial
from studies.services.read_study import read_study

# Rises when the same input is to be rendered anew.
RENDERING = 2
# Pages of the site that have no entry behind them.
FIXED_PAGES = [
    *("home", "conditions", "studies", "doses", "side-effects", "claims", "trials", "safety", "methods"),
    *("about", "changes", "articles", "glossary"),
]


@dataclass(frozen=True)
class Drawn:
    """What an article draws from the records: its figures in order, and the studies that it cites."""

    text: ArticleText
    figures: list[Figure]
    studies: list[Study]
    leans_on: list[str]


@transaction.atomic
def save_article(
    *,
    article: Article,
    publish: bool,
    now: datetime,
    editor: AbstractBaseUser | None = None,
    note: str = "",
) -> list[Finding]:
    """Save an article with its text rendered, keep a revision, and return what the checks found.

    It is published only if asked for and if nothing was found; otherwise it is kept as a draft with the
    findings. A changed text takes back the review of the former one. Safe to run twice: a text that is the
    same as the newest revision adds none.

    Args:
        article: new or changed; title, summary, condition and body are taken as they are.
        publish: whether it is wanted on the site.
        now: the moment to write down; its day decides which trials are overdue.
        editor: who saved it; None when it came with the corpus.
        note: what was changed, in the editor's words.
    """
    return save_articles(wanted=[(article, publish)], now=now, editor=editor, note=note)[0]


@transaction.atomic
def save_articles(
    *,
    wanted: Sequence[tuple[Article, bool]],
    now: datetime,
    editor: AbstractBaseUser | None = None,
    note: str = "",
) -> list[list[Finding]]:
    """Save articles as save_article does each, with one reading of the records for all of them.

    Args:
        wanted: each article, and whether it is wanted on the site; they may link to one another.
        now, editor, note: as for save_article, the same for all.
    """
    articles = [article for article, _ in wanted]
    drawn = draw(articles, today=localdate(now))
    found = find_faults(drawn, beside=[article.slug for article in articles])
    typeset_ahead((one.text, one.studies) for one in drawn)
    for (article, publish), source, findings in zip(wanted, drawn, found, strict=True):
        if _is_new_text(article):
            article.text_saved_at = now
            if article.pk and not _review_is_new(article):
                article.reviewed_by = article.reviewed_on = None
        _fill(article, source, findings, now)
        article.status = Article.Status.PUBLISHED if publish and not findings else Article.Status.DRAFT
        article.save()
        if article.text_saved_at == now:
            _keep_revision(article, editor, note)
    return found


def _keep_revision(article: Article, editor: AbstractBaseUser | None, note: str) -> None:
    ArticleRevision.objects.create(
        article=article,
        title=article.title,
        summary=article.summary,
        body=article.body,
        saved_by=editor,  # type: ignore[misc]
        saved_at=article.text_saved_at,
        note=note,
    )


@transaction.atomic
def refresh_articles(*, conditions: Iterable[Condition] | None = None, now: datetime) -> list[Article]:
    """Render anew the articles whose figures or citations have changed; return those.

    An article stays published: a paper retracted since is marked in its references and above its text, and
    the findings tell the editors. Where nothing changed this costs a few queries, and Pandoc is not run.

    Args:
        conditions: those whose records changed, which concerns the articles that count over all of them
            too; None for all articles.
        now: its day decides which trials are overdue.
    """
    articles = Article.objects.select_for_update().order_by("pk")
    if conditions is not None:
        articles = articles.filter(leans_on__overlap=[ALL, *(condition.slug for condition in conditions)])
    rows = list(articles)
    drawn = draw(rows, today=localdate(now))
    stale = [(a, d) for a, d in zip(rows, drawn, strict=True) if a.input_sha256 != hash_of(d)]
    if not stale:
        return []
    found = find_faults([d for _, d in stale])
    typeset_ahead((one.text, one.studies) for _, one in stale)
    for (article, source), findings in zip(stale, found, strict=True):
        _fill(article, source, findings, now)
        article.save()
    return [article for article, _ in stale]


def render_all(*, now: datetime) -> int:
    """Render every article anew, whether or not anything changed; return how many."""
    with transaction.atomic():
        Article.objects.update(input_sha256="")
        return len(refresh_articles(now=now))


def draw(articles: Sequence[Article | ArticleRecord], *, today: date) -> list[Drawn]:
    """Return what each article draws from the records, with one fetch for all of them."""
    texts = [ArticleText(article.body) for article in articles]
    facts = load_facts([mark for text in texts for mark in text.marks], today=today)
    keys = {key for text in texts for key in text.keys}
    cited = Study.objects.published().with_conditions().in_bulk(keys, field_name="key")
    return [
        Drawn(
            text,
            [make_figure(mark, facts) for mark in text.marks],
            studies := [cited[key] for key in text.keys if key in cited],
            sorted(_conditions_of(text, facts, studies)),
        )
        for text in texts
    ]


def _conditions_of(text: ArticleText, facts: Any, studies: Iterable[Study]) -> set[str]:
    """The conditions whose records can change what the article says; `all` where those of every one can."""
    named = {slug for mark in text.marks if (slug := condition_of(mark)) in {ALL, *facts.conditions}}
    asked = [facts.studies.get(mark.attributes.get("study", "")) for mark in text.marks]
    claims = [facts.claims.get(mark.attributes.get("claim", "")) for mark in text.marks]
    links = [link for study in [*studies, *asked] if study for link in study.study_conditions.all()]
    links += [link for claim in claims if claim for link in claim.claim_conditions.all()]
    return {slug for slug in named if slug} | {link.condition.slug for link in links}


def hash_of(drawn: Drawn) -> str:
    """Return the hash of everything that decides how the article looks."""
    parts = [
        RENDERING,
        drawn.text.body,
        [[type(figure).__name__, *vars(figure).values()] for figure in drawn.figures],
        [[csl_item(study), study.publication_status] for study in drawn.studies],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _fill(article: Article, drawn: Drawn, findings: Sequence[Finding], now: datetime) -> None:
    """Set what is rendered and found, without saving."""
    rendered: Rendered = render(drawn.text, drawn.figures, drawn.studies)
    article.patient_html = rendered.patient_html
    article.clinician_html = rendered.clinician_html
    article.references_html = rendered.references_html
    grades = grades_of(drawn.text, drawn.figures)
    article.patient_grade, article.clinician_grade = grades.patients, grades.clinicians
    article.figures = _figures_used(drawn)
    article.findings = [{"line": f.line, "problem": f.problem, "mend": f.mend} for f in findings]
    article.gone_studies = [study.key for study in drawn.studies if study.is_gone]
    article.leans_on = drawn.leans_on
    article.input_sha256 = hash_of(drawn)
    article.rendered_at = now


def _figures_used(drawn: Drawn) -> list[dict[str, Any]]:
    return [
        {"asked": mark.attributes, "text": figure.text, "url": figure.url}
        for mark, figure in zip(drawn.text.marks, drawn.figures, strict=True)
        if isinstance(figure, FigureValue)
    ]


def _is_new_text(article: Article) -> bool:
    newest = article.revisions.first() if article.pk else None
    return newest is None or (newest.title, newest.summary, newest.body) != (
        article.title,
        article.summary,
        article.body,
    )


def _review_is_new(article: Article) -> bool:
    """Whether the review came with this very change, and so is of the new text."""
    before = Article.objects.filter(pk=article.pk).values_list("reviewed_by", "reviewed_on").first()
    return before != (article.reviewed_by, article.reviewed_on)


# ---- the checks


def find_faults(drawn: Sequence[Drawn], *, beside: Iterable[str] = ()) -> list[list[Finding]]:
    """Return, for each article, what keeps it from being published.

    Args:
        drawn: what the articles draw from the records.
        beside: slugs of articles that are saved in the same step, and may be linked to.
    """
    keys = {study.key for one in drawn for study in one.studies} | _linked(drawn)
    ground = _ground(keys, {reverse("article", args=[slug]) for slug in beside})
    return [lint(one.text, one.figures, ground) for one in drawn]


def lint_records(records: Sequence[ArticleRecord], *, today: date) -> list[tuple[list[Finding], Grades]]:
    """Return, for each article of the corpus files, what keeps it from being published, and its grades.

    The database must hold the studies, conditions and claims that the articles lean on.
    """
    drawn = draw(records, today=today)
    grades = [grades_of(one.text, one.figures) for one in drawn]
    return list(zip(find_faults(drawn), grades, strict=True))


def _linked(drawn: Sequence[Drawn]) -> set[str]:
    """The keys of studies that are linked to by their pages."""
    targets = [link.target.strip("/").split("/") for one in drawn for link in one.text.links]
    return {parts[1] for parts in targets if len(parts) == 2 and parts[0] == "studies"}


def _ground(keys: set[str], beside: set[str]) -> Ground:
    rows = Study.objects.published().filter(key__in=keys).with_everything()
    return Ground({row.key: _cited(row) for row in rows}, _pages() | beside)


def _cited(study: Study) -> CitedRecord:
    is_retracted = (
        study.is_gone
        or status_mark(study.title) is not None
        or "Retracted Publication" in study.publication_types
    )
    return CitedRecord(is_retracted, numbers_in(write_yaml(read_study(study).to_file()).decode()))


def _pages() -> frozenset[str]:
    """The site's own addresses that an article may link to."""
    listed: list[tuple[str, Any]] = [
        ("condition", Condition.objects.values_list("slug", flat=True)),
        ("claim", Claim.objects.values_list("slug", flat=True)),
        ("trial", Trial.objects.values_list("registry_id", flat=True)),
        ("side-effect", SideEffect.objects.values_list("slug", flat=True)),
        ("study", Study.objects.published().values_list("key", flat=True)),
        ("article", Article.objects.values_list("slug", flat=True)),
    ]
    entries = {reverse(name, args=[slug]) for name, slugs in listed for slug in slugs}
    return frozenset({reverse(name) for name in FIXED_PAGES} | entries)
