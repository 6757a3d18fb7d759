"""The pages of conditions, claims and safety."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from conditions.answers import answers_of, view_pool
from conditions.domain.certainty_rules import RULES, VERSION
from conditions.domain.finding import PLACE_LABELS, Place
from conditions.domain.pool_question import Choice, ChoiceError, read_choice
from conditions.evidence import (
    amounts_tested,
    count_corpus,
    count_designs,
    evidence_for,
    group_by_design,
)
from conditions.models import (
    AnswerChange,
    Article,
    Certainty,
    Claim,
    Collection,
    ComputedVerdict,
    Condition,
    Omission,
    Pool,
    Release,
    ReleaseFile,
    SafetyFact,
    VerdictFinding,
)
from conditions.models.claim import STANCE_LABELS, TOPIC_LABELS, VERDICT_LABELS
from conditions.models.condition import CATEGORY_LABELS
from studies.domain.publication_status import GONE
from studies.downloads import download
from studies.models import Registry, Study
from studies.services.exporting import in_order
from studies.services.outages import nothing_checked_since
from studies.services.refresh import describe_registries
from studies.views import paginate

SHOWN_CHANGES = 50
# As many as fit on one page of paper beside the rest.
SHEET_ANSWERS = 4

CONTENT_TYPES = {
    "zip": "application/zip",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "yaml": "application/yaml; charset=utf-8",
    "cff": "application/yaml; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def home(request: HttpRequest) -> HttpResponse:
    conditions = Condition.objects.conditions_only()
    context = {
        "counts": count_corpus(),
        "categories": _by_category(list(conditions)),
        "stop_facts": SafetyFact.objects.that_stop(),
    }
    return render(request, "conditions/home.html", context)


def condition_list(request: HttpRequest) -> HttpResponse:
    conditions = list(Condition.objects.with_also_called())
    designs = count_designs(conditions)
    for condition in conditions:
        condition.designs = designs.get(condition.pk, [])  # type: ignore[attr-defined]
        condition.n_studies = sum(n for _, n in condition.designs)  # type: ignore[attr-defined]
    context = {
        "categories": _by_category([c for c in conditions if not c.is_topic]),
        "topics": [c for c in conditions if c.is_topic],
        "n_conditions": sum(not c.is_topic for c in conditions),
    }
    return render(request, "conditions/condition_list.html", context)


def _by_category(conditions: list[Condition]) -> list[tuple[str, str, list[Condition]]]:
    """Slug, label and conditions of each category that has any, A to Z within."""
    groups = [
        (slug, label, [condition for condition in conditions if condition.category == slug])
        for slug, label in CATEGORY_LABELS.items()
    ]
    return [group for group in groups if group[2]]


def condition_detail(request: HttpRequest, slug: str) -> HttpResponse:
    condition = get_object_or_404(Condition.objects.with_also_called().select_related("article"), slug=slug)
    article = getattr(condition, "article", None)
    context = {
        "condition": condition,
        "evidence": evidence_for(condition, today=localdate()),
        "answers": [(answer, view_pool(answer.pool)) for answer in answers_of(condition)],
        "article": article if article is not None and article.is_published else None,
        "stop_facts": SafetyFact.objects.that_stop(),
    }
    return render(request, "conditions/condition_detail.html", context)


@require_safe
def condition_references(request: HttpRequest, slug: str, suffix: str) -> HttpResponseBase:  # noqa: ARG001
    """The studies of a condition as a file, in the order of the references on its page."""
    condition = get_object_or_404(Condition, slug=slug)
    groups = group_by_design(Study.objects.published().for_condition(condition).newest_first())
    keys = [study.key for _, studies in groups for study in studies]
    return download(in_order(keys), suffix=suffix, name=condition.slug)


def condition_sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """One page of paper to take to a doctor; it says nothing that the condition's page does not."""
    condition = get_object_or_404(Condition.objects.conditions_only(), slug=slug)
    today = localdate()
    evidence = evidence_for(condition, today=today)
    answers = [answer for answer in answers_of(condition) if answer.certainty]
    context = {
        "condition": condition,
        "evidence": evidence,
        "answers": answers[:SHEET_ANSWERS],
        "n_more_answers": max(len(answers) - SHEET_ANSWERS, 0),
        "amounts": amounts_tested(evidence),
        "facts": SafetyFact.objects.for_a_visit(),
        "today": today,
        "address": settings.PUBLIC_URL + condition.get_absolute_url(),
        "dated": settings.PUBLIC_URL + reverse("sheet-of-day", args=[slug, today.isoformat()]),
    }
    return render(request, "conditions/condition_sheet.html", context)


def pool_detail(request: HttpRequest, condition: str, slug: str) -> HttpResponse:
    """A pool with all that went into it; the address holds what a reader wants done otherwise."""
    pool = get_object_or_404(Pool.objects.with_studies(), condition__slug=condition, slug=slug)
    known = frozenset(row.study.key for row in pool.rows.all())
    try:
        choice, wrong = read_choice(request.GET.dict(), request.GET.getlist("out"), known), None
    except ChoiceError as error:
        choice, wrong = Choice(), str(error)
    certainty = Certainty.objects.select_related("condition", "overridden_by")
    is_part = request.headers.get("HX-Request") == "true"
    context = {
        "view": view_pool(pool, choice),
        "is_part": is_part,
        "wrong": wrong,
        "certainty": certainty.filter(
            condition=pool.condition, domain=pool.domain, comparator=pool.comparator
        ).first(),
        "siblings": Pool.objects.filter(
            condition=pool.condition, domain=pool.domain, comparator=pool.comparator
        ).select_related("condition"),
    }
    template = "conditions/_pool_result.html" if is_part else "conditions/pool_detail.html"
    answer = render(request, template, context, status=400 if wrong else 200)
    answer["Vary"] = "HX-Request"
    return answer


def article_list(request: HttpRequest) -> HttpResponse:
    articles = list(Article.objects.published().select_related("condition"))
    context = {
        "general": [article for article in articles if article.condition is None],
        "of_conditions": [article for article in articles if article.condition is not None],
    }
    return render(request, "conditions/article_list.html", context)


def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """An article of its own; that of a condition stands on the condition's page."""
    article = get_object_or_404(Article.objects.published().select_related("condition"), slug=slug)
    if article.condition is not None:
        return redirect(article)
    context = {"article": article, "stop_facts": SafetyFact.objects.that_stop()}
    return render(request, "conditions/article_detail.html", context)


def claim_list(request: HttpRequest) -> HttpResponse:
    rows = Claim.objects.with_conditions().select_related("computed")
    claims = list(rows.annotate(n_studies=_count_standing()).order_by("position", "slug"))
    context = {
        "collection": Collection.objects.filter(slug="claims").first(),
        "verdicts": [
            (verdict, label, [claim for claim in claims if claim.verdict == verdict])
            for verdict, label in VERDICT_LABELS.items()
        ],
        "topics": TOPIC_LABELS,
        "omissions": Omission.objects.prefetch_related("references"),
        "n_claims": len(claims),
    }
    return render(request, "conditions/claim_list.html", context)


def _count_standing() -> Count:
    """The published studies that a claim rests on; one that was taken back is listed and not counted."""
    standing = Q(evidence__study__status=Study.Status.PUBLISHED) & ~Q(
        evidence__study__publication_status__in=GONE
    )
    return Count("evidence", filter=standing)


def claim_detail(request: HttpRequest, slug: str) -> HttpResponse:
    claim = get_object_or_404(Claim.objects.with_evidence(), slug=slug)
    evidence = [entry for entry in claim.evidence.all() if entry.study.status == "published"]
    computed = ComputedVerdict.objects.with_findings().filter(claim=claim).first()
    context = {
        "claim": claim,
        "computed": computed,
        "places": _by_place(computed),
        "unusable": _by_reason(computed),
        "stances": [
            (stance, label, [entry for entry in evidence if entry.stance == stance])
            for stance, label in STANCE_LABELS.items()
        ],
        "collection": Collection.objects.filter(slug="claims").first(),
    }
    return render(request, "conditions/claim_detail.html", context)


def _by_place(computed: ComputedVerdict | None) -> list[tuple[str, str, list[VerdictFinding]]]:
    """Place, label and findings of each place of usable findings, empty ones too."""
    findings = list(computed.findings.all()) if computed else []
    return [
        (place.value, label, [finding for finding in findings if finding.place == place])
        for place, label in PLACE_LABELS.items()
        if place is not Place.NOT_USABLE
    ]


def _by_reason(computed: ComputedVerdict | None) -> list[tuple[str, list[VerdictFinding]]]:
    """The reasons for which findings are not usable, the most frequent first, each with its findings."""
    reasons: dict[str, list[VerdictFinding]] = {}
    for finding in computed.findings.all() if computed else []:
        if finding.place == Place.NOT_USABLE:
            reasons.setdefault(finding.reason, []).append(finding)
    return sorted(reasons.items(), key=lambda group: -len(group[1]))


def safety(request: HttpRequest) -> HttpResponse:
    facts = list(SafetyFact.objects.with_sources())
    context = {
        "levels": [(level, [fact for fact in facts if fact.level == level]) for level in SafetyFact.Level],
        "collection": Collection.objects.filter(slug="safety").first(),
    }
    return render(request, "conditions/safety.html", context)


def about(request: HttpRequest) -> HttpResponse:
    context = {
        "counts": count_corpus(),
        "questions": Pool.objects.count_questions(),
        "articles": Article.objects.count_reviewed(),
    }
    return render(request, "conditions/about.html", context)


def methods(request: HttpRequest) -> HttpResponse:
    context = {"counts": count_corpus(), "rules": RULES, "rules_version": VERSION}
    return render(request, "conditions/methods.html", context)


def changes(request: HttpRequest) -> HttpResponse:
    """What changes of the records did to the answers, when registries were asked, and records by date."""
    rows = AnswerChange.objects.prefetch_related("statuses__study").select_related("reversed_in", "reverses")
    nothing_since = nothing_checked_since()
    context = {
        "answers": rows[:SHOWN_CHANGES],
        "n_answers": rows.count(),
        "page": paginate(request, Study.objects.published().order_by("-updated_at", "key")),
        "registries": [
            (Registry(name).label, {**entry, "nothing_since": nothing_since.get(name)})
            for name, entry in describe_registries().items()
        ],
        "query": "",
    }
    return render(request, "conditions/changes.html", context)


def release_list(request: HttpRequest) -> HttpResponse:
    """All releases, the latest first."""
    return render(request, "conditions/release_list.html", {"releases": Release.objects.all()})


def release_detail(request: HttpRequest, name: str) -> HttpResponse:
    """What one release holds, what changed in it and how to cite it."""
    release = get_object_or_404(Release, name=name)
    files = list(release.files.defer("content"))
    context = {
        "release": release,
        "main_files": [file for file in files if "/" not in file.name],
        "other_files": [file for file in files if "/" in file.name],
        "site": settings.PUBLIC_URL,
    }
    return render(request, "conditions/release_detail.html", context)


@require_safe
def release_file(request: HttpRequest, name: str, file: str) -> HttpResponse:
    """One file of a release, byte for byte; whoever has it already is told so without its being read."""
    found = get_object_or_404(ReleaseFile.objects.defer("content"), release__name=name, name=file)
    etag = f'"{found.sha256}"'
    if request.headers.get("If-None-Match", "").strip() == etag:
        answer = HttpResponse(status=304)
    else:
        suffix = file.rpartition(".")[2]
        content = bytes(found.content)
        answer = HttpResponse(content, content_type=CONTENT_TYPES.get(suffix, "text/plain; charset=utf-8"))
        if suffix in ("zip", "parquet"):
            answer["Content-Disposition"] = f'attachment; filename="{file.rpartition("/")[2]}"'
    answer["ETag"] = etag
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def what_if(request: HttpRequest, key: str) -> HttpResponse:
    """What would change if this paper were retracted: computed for the asking, nothing is written."""
    study = get_object_or_404(Study.objects.published(), key=key)
    # SciPy is loaded by those who ask, not by every web process.
    from conditions.services.rehearsal import rehearse_retraction

    context = {"study": study, "rehearsal": rehearse_retraction(study=study, now=timezone.now())}
    return render(request, "conditions/what_if.html", context)
