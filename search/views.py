"""The page of search, and what is offered under its box."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from conditions.models import Condition
from conditions.models.certainty import LEVEL_LABELS
from search.domain.query import read_query
from search.services.engine import END, LISTS, MARK, MOST_PAGES, PAGE_SIZE, SINGLES, TRUTHS, Found, Hit
from search.services.finding import find, find_study_keys, kinds
from search.services.identifiers import find_page
from search.services.suggesting import suggest
from studies.domain.dosing import BAND_LABELS
from studies.domain.vocabulary import LABELS
from studies.downloads import download
from studies.filters import MAX_QUERY
from studies.services.exporting import in_order
from studies.services.speech import READERS

FACETS = {
    "kind": "Kind of page",
    "condition": "Condition",
    "design": "Design of the study",
    "dose": "Daily dose",
    "direction": "Has a result that",
    "certainty": "Certainty of an answer",
    "status": "Publication status",
    "year": "Year",
    "numbers": "Results in numbers",
    "open": "Free to read",
}
TRUTH_WORDS = {"yes": "Yes", "no": "No"}
SEARCH_FOR = "Search for"
SHOWN_VALUES = 8
PLAIN_STATUSES = ("unknown", "current")


def search(request: HttpRequest) -> HttpResponse:
    text = clean(request)
    page = find_page(query=text)
    if page:
        return redirect(page)
    query = read_query(text)
    filters = _filters(request)
    number = _page_number(request)
    found = find(query=query, filters=filters, page=number)
    shown = _paginate(found, number)
    if found.n and shown.number < number:
        return redirect(request.path + _address(request, page=str(shown.number)))
    labels = dict(Condition.objects.values_list("slug", "name"))
    context = {
        "query": text,
        "asked": found.understood.query,
        "found": found,
        "has_question": not query.is_empty or bool(filters),
        "groups": _groups(found.hits, labels),
        "nearest": [_line(hit, labels) for hit in found.nearest],
        "facets": _facets(request, found, filters, labels),
        "page": shown,
        "rest": _address(request, page=None)[1:] + "&",
        "n_studies": found.counts.get("kind", {}).get("study", 0),
        "swaps": found.understood.swaps,
        "missing": _missing(found),
    }
    return render(request, "search/search.html", context)


@require_safe
def search_export(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """The studies among what a search finds, as a file, best first."""
    keys = find_study_keys(query=read_query(clean(request)), filters=_filters(request))
    return download(in_order(keys), suffix=suffix, name="search")


def _filters(request: HttpRequest) -> dict[str, str]:
    """The facets of the address, one value each; what may be yes or no and is neither narrows nothing."""
    filters = {key: request.GET[key][:100] for key in FACETS if request.GET.get(key, "").strip("\x00")}
    filters = {key: value.replace("\x00", "") for key, value in filters.items()}
    return {key: value for key, value in filters.items() if key not in TRUTHS or value in TRUTH_WORDS}


def suggestions(request: HttpRequest) -> JsonResponse:
    """What is offered while somebody types, as JSON."""
    rows = suggest(typed=clean(request))
    words = dict(kinds())
    answer = JsonResponse(
        {
            "suggestions": [
                {
                    "text": row.text,
                    "path": row.path,
                    "kind": READERS.say(words.get(row.kind, SEARCH_FOR)),
                    "also": " · ".join(filter(None, [_said_status(row.status), row.byline])),
                }
                for row in rows
            ]
        }
    )
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def _said_status(status: str | None) -> str:
    """The word that a paper carries wherever it is named; none where it stands as it was printed."""
    return "" if status in (*PLAIN_STATUSES, None) else READERS.say(LABELS[status])  # type: ignore[index]


def clean(request: HttpRequest) -> str:
    """What was typed, on one line, at most MAX_QUERY characters."""
    return " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:MAX_QUERY]


def marked(text: str) -> SafeString:
    """The text escaped, with what was found in it marked."""
    return mark_safe(escape(text).replace(MARK, "<mark>").replace(END, "</mark>"))  # noqa: S308 - escaped before


def _missing(found: Found) -> list[str]:
    """The words that no page holds, with those that were taken for others where nothing came of it."""
    swapped = [] if found.hits or found.nearest else [typed for typed, _ in found.understood.swaps]
    return [*swapped, *found.understood.unknown]


def _line(hit: Hit, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "hit": hit,
        "title": marked(hit.title),
        "byline": marked(hit.byline),
        "snippet": marked(f"… {hit.snippet}" if hit.snippet[:1].islower() else hit.snippet),
        "design": LABELS.get(hit.design, ""),  # type: ignore[call-overload]
        "conditions": [labels.get(slug, slug) for slug in hit.conditions] if hit.kind != "condition" else [],
        "status": hit.status if hit.status not in PLAIN_STATUSES else None,
        "is_gone": hit.status in ("retracted", "withdrawn"),
    }


def _groups(hits: list[Hit], labels: dict[str, str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Label and lines of each kind on this page, the kind of the best hit first."""
    words = dict(kinds())
    first = {kind: i for i, kind in reversed(list(enumerate(hit.kind for hit in hits)))}
    ordered = sorted(hits, key=lambda hit: first[hit.kind])
    return [
        (words[kind], [_line(hit, labels) for hit in group])
        for kind, group in groupby(ordered, lambda h: h.kind)
    ]


def _facets(
    request: HttpRequest, found: Found, filters: dict[str, str], labels: dict[str, str]
) -> list[dict[str, Any]]:
    words: dict[str, dict[Any, str]] = {
        "kind": dict(kinds()), "condition": labels, "design": LABELS, "dose": BAND_LABELS,
        "direction": LABELS, "certainty": LEVEL_LABELS, "status": LABELS,
        "numbers": TRUTH_WORDS, "open": TRUTH_WORDS,
    }  # fmt: skip
    facets = []
    for key, label in FACETS.items():
        counts = found.counts.get(key, {})
        order = (
            sorted(counts, reverse=True) if key == "year" else sorted(counts, key=lambda v: (-counts[v], v))
        )
        values = [
            {
                "word": _facet_word(words, key, value),
                "n": counts[value],
                "address": _address(request, page=None, **{key: value}),
            }
            for value in order
        ]
        chosen = filters.get(key)
        if chosen or len(values) > 1:
            facets.append(
                {
                    "label": label,
                    "chosen": _facet_word(words, key, chosen) if chosen else None,
                    "is_content": key == "condition",
                    "without": _address(request, page=None, **{key: None}),
                    "values": values[:SHOWN_VALUES],
                    "others": values[SHOWN_VALUES:],
                }
            )
    return facets


def _facet_word(words: dict[str, dict[Any, str]], key: str, value: str) -> str:
    """How a value of a facet reads; a condition's name stays in the language of the records."""
    word = words.get(key, {}).get(value, value)
    return word if key in ("condition", "year") else READERS.say(word)


def _address(request: HttpRequest, **changes: str | None) -> str:
    """The query of this page's address with some parameters changed, None removing one."""
    known = {"q", "page", *LISTS, *SINGLES, *TRUTHS}
    parameters = request.GET.copy()
    for name in list(parameters):
        if name not in known or not parameters[name]:
            del parameters[name]
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is not None:
            parameters[name] = value
    return "?" + parameters.urlencode()


def _page_number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    return (
        min(max(int(asked), 1), MOST_PAGES) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    )


def _paginate(found: Found, number: int) -> Page[Any]:
    """Page numbers as far as hits are ranked."""
    return Paginator(range(min(found.n, MOST_PAGES * PAGE_SIZE)), PAGE_SIZE).get_page(number)
