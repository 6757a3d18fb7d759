"""OpenSearch as the engine of search: what it is asked, how its answers are read, and what fills in for it.

The answers were written after OpenSearch's documentation; no server of it was asked.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.utils import timezone

from conditions.models import Condition
from ldn_kb import health
from search.domain.query import read_query
from search.models import SearchEntry, UnsentEntry
from search.services import opensearch
from search.services.finding import find
from search.services.indexing import update_search
from search.services.sending import rebuild_opensearch, send_unsent
from studies.models import Study
from tests.search.opensearch_standin import StandIn, answer, error

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]
HIT = {
    "_index": "ldn-kb-search-1",
    "_id": "study-1",
    "_score": 7.5,
    "_source": {
        "kind": "study", "path": "/studies/smith2011/", "title": "Naltrexone in Crohn's", "byline": "Smith",
        "long_text": "Long.", "design": "rct_parallel", "year": 2011, "status": "current",
        "conditions": ["crohns"],
    },
    "highlight": {"title": ["\x02Naltrexone\x03 in Crohn's"], "long_text": ["One \x02pain\x03", "two"]},
}  # fmt: skip


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def server(settings, monkeypatch):
    stand_in = StandIn()
    settings.OPENSEARCH_URL = stand_in.url
    monkeypatch.setattr(opensearch, "_rests", {})
    opensearch._client.cache_clear()
    yield stand_in
    stand_in.close()


def ask(text: str, page: int = 1, **filters: str):
    return find(query=read_query(text), filters=filters, page=page)


def asked(server: StandIn) -> dict:
    return server.bodies("_search")[0]


def test_an_answer_becomes_hits_with_marks_counts_and_how_many_there_are(server):
    server.search = answer(
        HIT,
        total=5000,
        relation="gte",
        condition=[{"key": "crohns", "doc_count": 3}],
        year=[{"key": "2011", "doc_count": 2}],
        open=[
            {"key": 1, "key_as_string": "true", "doc_count": 4},
            {"key": 0, "key_as_string": "false", "doc_count": 1},
        ],
    )
    found = ask("pain")
    (hit,) = found.hits
    assert (hit.path, hit.year, hit.conditions) == ("/studies/smith2011/", 2011, ["crohns"])
    assert (hit.title, hit.byline) == ("\x02Naltrexone\x03 in Crohn's", "Smith")
    assert hit.snippet == "One \x02pain\x03 … two"
    assert (found.n, found.is_more) == (5000, True)
    assert found.counts == {"condition": {"crohns": 3}, "year": {"2011": 2}, "open": {"yes": 4, "no": 1}}


def test_the_page_of_search_shows_what_opensearch_answered(server, client):
    server.search = answer(HIT, year=[{"key": "2011", "doc_count": 1}, {"key": "2013", "doc_count": 1}])
    page = client.get("/search/?q=pain").content.decode()
    assert "<mark>Naltrexone</mark> in Crohn" in page


def test_words_of_which_one_is_enough_are_asked_for_together(server):
    ask("sleep OR mood pain")
    wanted = asked(server)["query"]["function_score"]["query"]["function_score"]["query"]["bool"]
    either, pain = (each["bool"]["should"] for each in wanted["must"][0]["bool"]["must"])
    assert {"sleep", "mood"} <= {way["multi_match"]["query"] for way in either}
    assert pain[0]["multi_match"]["query"] == "pain"


def test_words_phrases_exclusion_author_and_years_are_asked_for(server):
    ask('pain "mucosal healing" -cancer author:younger year:2009-2013')
    wanted = asked(server)["query"]["function_score"]["query"]["function_score"]["query"]["bool"]
    words = wanted["must"][0]["bool"]
    fields = ["a^1", "b^0.4", "c^0.2", "d^0.05"]
    word, phrase, author = words["must"]
    first = word["bool"]["should"][0]["multi_match"]
    assert first == {"query": "pain", "fields": fields, "type": "cross_fields", "operator": "and"}
    assert phrase == {"multi_match": {"query": "mucosal healing", "fields": fields, "type": "phrase"}}
    assert author == {"prefix": {"authors": {"value": "younger"}}}
    left_out = [{"multi_match": {"query": "cancer", "fields": fields, "type": "phrase"}}]
    left_out += [{"multi_match": {"query": "krebs", "fields": fields, "type": "phrase"}}]
    assert words["must_not"][: len(left_out)] == left_out
    assert words["must_not"][-1] == {"term": {"conditions": {"value": "cancer"}}}
    assert wanted["filter"] == [{"range": {"year": {"gte": 2009, "lte": 2013}}}]


def test_filters_and_pages_are_asked_for_and_every_facet_counted(server):
    ask("pain", page=3, condition="crohns", year="2011", open="yes")
    body = asked(server)
    wanted = body["query"]["function_score"]["query"]["function_score"]["query"]["bool"]
    assert wanted["filter"] == [
        {"term": {"conditions": "crohns"}}, {"term": {"year.word": "2011"}}, {"term": {"open_access": True}},
    ]  # fmt: skip
    assert (body["from"], body["size"], body["track_total_hits"]) == (40, 20, 5000)
    assert body["aggs"]["dose"] == {"terms": {"field": "dose_bands", "size": 1000}}
    assert len(body["aggs"]) == 10
    assert body["highlight"]["pre_tags"] == ["\x02"]


def test_a_name_adds_more_than_words_and_a_condition_most(server):
    ask("fibromyalgia")
    ranked = asked(server)["query"]["function_score"]
    assert (ranked["score_mode"], ranked["boost_mode"]) == ("first", "sum")
    first = ranked["functions"][0]
    assert first["filter"]["bool"]["filter"] == [
        {"terms": {"names": ["fibromyalgia", "fibromyalgie", "fibromyalgiesyndrom", "fibro"]}},
        {"term": {"kind": "condition"}},
    ]
    assert first["weight"] == max(function["weight"] for function in ranked["functions"]) == 1190
    pk = Condition.objects.get(slug="fibromyalgia").pk
    assert {"ids": {"values": [f"condition-{pk}"]}} in ranked["functions"][14]["filter"]["bool"]["filter"]
    assert ranked["query"]["function_score"]["field_value_factor"]["field"] == "prior"


def test_a_typing_mistake_is_understood_before_opensearch_is_asked(server):
    assert ask("fibromialgia").understood.swaps == (("fibromialgia", "fibromyalgia"),)
    assert "fibromialgia" not in json.dumps(asked(server))


FAULTS = {
    "the index is missing": (404, error("index_not_found_exception", 404)),
    "too many questions": (429, error("rejected_execution_exception", 429)),
    "no shard": (503, error("search_phase_execution_exception", 503)),
    "no JSON": "<html>",
    "another shape": {"hits": []},
    "no facets": answer(HIT) | {"aggregations": {}},
    "timed out": answer(HIT) | {"timed_out": True},
    "half an answer": answer(HIT) | {"_shards": {"total": 2, "successful": 1, "skipped": 0, "failed": 1}},
    "an address elsewhere": answer(HIT | {"_source": HIT["_source"] | {"path": "//elsewhere"}}),
    "a list": [],
    "nothing": "",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_postgresql_answers_where_opensearch_does_not_and_the_log_holds_no_word_of_the_reader(
    server, settings, caplog, fault
):
    server.search = FAULTS[fault]
    found = ask("mucosal")
    assert len(server.bodies("_search")) == 1
    assert "PostgreSQL answers" in caplog.text
    assert "mucosal" not in caplog.text
    settings.OPENSEARCH_URL = ""
    assert found == ask("mucosal")
    assert found.n > 0


def test_a_server_that_cannot_be_reached_is_left_alone_for_a_while(server, settings, caplog):
    server.close()
    assert ask("mucosal").n > 0
    assert ask("mucosal").n > 0
    assert caplog.text.count("PostgreSQL answers") == 1
    assert "mucosal" not in caplog.text


def test_a_slow_server_is_not_waited_for(server, monkeypatch):
    monkeypatch.setattr(opensearch, "PATIENCE", 0.05)
    server.delay = 0.5
    assert ask("mucosal").n > 0
    assert opensearch._rests


def test_a_change_is_kept_until_opensearch_has_acknowledged_it(server, now):
    study = Study.objects.get(key="smith2011")
    Study.objects.filter(pk=study.pk).update(title="Quokkas smile")
    update_search(now=now)
    assert UnsentEntry.objects.filter(kind="study", object_id=study.pk).exists()
    server.bulk = (503, error("unavailable", 503))
    assert send_unsent() == 0
    server.bulk = (200, {"took": 1})
    assert send_unsent() == 0
    assert UnsentEntry.objects.exists()
    server.bulk = None
    server.refused = {f"study-{study.pk}"}
    send_unsent()
    assert set(UnsentEntry.objects.values_list("object_id", flat=True)) == {study.pk}
    server.refused = set()
    assert send_unsent() == 1
    assert not UnsentEntry.objects.exists()
    method, path, lines = server.asked[-1]
    assert (method, path) == ("POST", "/ldn-kb-search/_bulk?require_alias=true")
    assert lines[0] == {"index": {"_id": f"study-{study.pk}"}}
    assert (lines[1]["title"], lines[1]["name"]) == ("Quokkas smile", "quokkas smile")
    assert "smith" in lines[1]["authors"]


def test_what_is_gone_is_deleted_there_and_absent_counts_as_done(server, now):
    pk = Study.objects.get(key="smith2011").pk
    Study.objects.filter(pk=pk).update(status="draft")
    update_search(now=now)
    send_unsent()
    assert {"delete": {"_id": f"study-{pk}"}} in server.bodies("_bulk")[-1]
    assert not UnsentEntry.objects.exists()


def test_nothing_is_noted_for_opensearch_where_it_is_not_set(now):
    Study.objects.filter(key="smith2011").update(title="Quokkas smile")
    update_search(now=now)
    assert not UnsentEntry.objects.exists()


def test_a_rebuild_fills_a_new_index_and_swaps_the_alias_in_one_step(server, now):
    server.indices = ["ldn-kb-search-1"]
    assert rebuild_opensearch(now=now) == SearchEntry.objects.count()
    new = f"ldn-kb-search-{now:%Y%m%d%H%M%S%f}"
    swap = [{"add": {"index": new, "alias": "ldn-kb-search"}}, {"remove_index": {"index": "ldn-kb-search-1"}}]
    assert server.bodies("_aliases") == [{"actions": swap}]
    made = next(body for method, path, body in server.asked if (method, path) == ("PUT", f"/{new}"))
    known = set(made["mappings"]["properties"])
    documents = [line for lines in server.bodies("_bulk") for line in lines[1::2]]
    assert all(set(document) <= known for document in documents)
    assert len(documents) == SearchEntry.objects.count()
    assert "_aliases" in server.asked[-1][1]


def test_a_rebuild_that_is_refused_leaves_the_alias_as_it_was(server, now):
    server.refused = {f"study-{Study.objects.get(key='smith2011').pk}"}
    with pytest.raises(ValueError, match="as it was"):
        rebuild_opensearch(now=now)
    assert server.bodies("_aliases") == []


def test_the_commands_rebuild_it_and_tell_what_waits(server, now, capsys):
    call_command("rebuild_search")
    assert "sent to a new index of OpenSearch" in capsys.readouterr().out
    Study.objects.filter(key="smith2011").update(title="Quokkas smile")
    update_search(now=now)
    call_command("check_search")
    assert "1 changes wait for OpenSearch" in capsys.readouterr().out


def test_readyz_tells_that_postgresql_answers_instead(server, client, monkeypatch):
    monkeypatch.setattr(health, "describe_registries", dict)
    assert client.get("/readyz").json()["opensearch"] == "ok"
    server.search = FAULTS["the index is missing"]
    told = client.get("/readyz")
    assert told.json()["status"] == "degraded"
    assert told.status_code == 200
    assert "404: the index is missing, run rebuild_search" in told.json()["opensearch"]


def test_the_client_is_not_loaded_where_it_is_not_set():
    code = "import sys, ldn_kb.asgi, ldn_kb.urls, search.tasks; print('opensearchpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
