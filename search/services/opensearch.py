"""OpenSearch as the engine of search; whatever it cannot answer, PostgreSQL does.

Import it only where OPENSEARCH_URL is set.
"""

from __future__ import annotations

import logging
from functools import cache
from time import monotonic
from typing import Annotated, Any, Literal

from django.conf import settings
from opensearchpy import ConnectionError as Unreachable
from opensearchpy import OpenSearch, OpenSearchException
from pydantic import BaseModel, Field

from search.models import SearchEntry
from search.services import postgres
from search.services.engine import LISTS, SINGLES, TRUTHS, Found, Hit
from search.services.opensearch_query import write_question
from search.services.understanding import Understood

logger = logging.getLogger(__name__)

ALIAS = "ldn-kb-search"
# Seconds that a reader waits for it, and that it is left alone after it could not be reached.
PATIENCE = 2
REST = 15
TRUTH_WORDS = {"true": "yes", "false": "no"}
_rests: dict[str, float] = {}


class _Source(BaseModel):
    kind: str
    path: Annotated[str, Field(pattern=r"^/([^/\\]|$)")]
    title: str
    byline: str = ""
    text: str = ""
    long_text: str = ""
    design: str | None = None
    year: int | None = None
    status: str | None = None
    conditions: list[str] = []


class _Hit(BaseModel):
    source: _Source = Field(alias="_source")
    highlight: dict[str, list[str]] = {}


class _Total(BaseModel):
    value: Annotated[int, Field(ge=0)]
    relation: Literal["eq", "gte"]


class _Hits(BaseModel):
    total: _Total
    hits: list[_Hit]


class _Bucket(BaseModel):
    key: str | int
    key_as_string: str | None = None
    doc_count: int


class _Facet(BaseModel):
    buckets: list[_Bucket]


class _Shards(BaseModel):
    failed: Literal[0]


class _State(BaseModel):
    """What makes an answer whole: it is not timed out, and from every shard."""

    timed_out: Literal[False]
    shards: _Shards = Field(alias="_shards")


class _Answer(_State):
    hits: _Hits
    aggregations: dict[str, _Facet]


def ask(understood: Understood, filters: dict[str, str], page: int, *, nearest: bool = False) -> Found:
    """Return what matches, best first. Where OpenSearch gives no whole answer, PostgreSQL's."""
    url = settings.OPENSEARCH_URL
    if monotonic() >= _rests.get(url, 0):
        entries = SearchEntry.objects.filter(pk__in=understood.named) if understood.named else []
        named = [f"{entry.kind}-{entry.object_id}" for entry in entries]
        question = write_question(understood, filters, page, named, nearest=nearest)
        try:
            return read_answer(understood, client().search(index=ALIAS, body=question))
        except (OpenSearchException, LookupError, ValueError) as error:
            if isinstance(error, Unreachable):
                _rests[url] = monotonic() + REST
            logger.warning("OpenSearch gave no answer (%s): PostgreSQL answers", describe(error))
    return postgres.ask(understood, filters, page, nearest=nearest)


def read_answer(understood: Understood, raw: Any) -> Found:
    """Return the page of hits that an answer to `_search` holds; ValueError or KeyError for any other."""
    answer = _Answer.model_validate(raw)
    counts = {
        key: {
            TRUTH_WORDS[bucket.key_as_string or ""] if key in TRUTHS else str(bucket.key): bucket.doc_count
            for bucket in answer.aggregations[key].buckets
        }
        for key in (*LISTS, *SINGLES, *TRUTHS)
    }
    total = answer.hits.total
    hits = [_read_hit(hit.source, hit.highlight) for hit in answer.hits.hits]
    return Found(
        understood, hits, total.value, total.relation == "gte", {key: of for key, of in counts.items() if of}
    )


def _read_hit(row: _Source, marked: dict[str, list[str]]) -> Hit:
    def shown(name: str) -> str:
        return " … ".join(marked.get(name) or [getattr(row, name)])

    snippet = shown("long_text") if row.long_text else shown("text")
    return Hit(
        row.kind, row.path, shown("title"), shown("byline"), snippet,
        row.design, row.year, row.status, row.conditions,
    )  # fmt: skip


def check() -> str:
    """Return "ok", or what keeps readers from being answered by it."""
    try:
        _State.model_validate(client().search(index=ALIAS, body={"size": 0}))
    except (OpenSearchException, ValueError) as error:
        return f"PostgreSQL answers: {describe(error)}"
    return "ok"


def client() -> OpenSearch:
    """A client of the server that OPENSEARCH_URL names; it gives up after PATIENCE seconds, for good."""
    return _client(settings.OPENSEARCH_URL)


@cache
def _client(url: str) -> OpenSearch:
    return OpenSearch(url, timeout=PATIENCE, max_retries=0)


def describe(error: Exception) -> str:
    """Return what failed, in words that hold neither what a reader asked nor an address."""
    status = getattr(error, "status_code", None)
    missing = ": the index is missing, run rebuild_search" if status == 404 else ""
    return f"{type(error).__name__}{f' {status}' if isinstance(status, int) else ''}{missing}"
