"""The stand-in registries behave as the real ones do, so that the other tests prove something."""

import itertools
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest
import yaml

from studies.domain.bibliography import PaperFacts, differences
from studies.domain.identity import compare
from studies.sources.answer import Found
from studies.sources.crossref import CrossrefClient
from studies.sources.pubmed import PubmedClient
from studies.sources.standin import (
    Papers,
    ScenarioError,
    Standin,
    papers_of,
    read_papers,
    read_scenario,
    scenario,
    scenario_of,
)
from tests.studies.sources.conftest import COMMA, FIBRO, QUICK, WHO, ask_all

ROOT = Path(__file__).parents[3]
EVIDENCE = ROOT / "evidence"


@pytest.fixture(scope="module")
def records():
    return [yaml.safe_load(file.read_text()) for file in sorted(EVIDENCE.glob("studies/*.yaml"))]


def test_a_comma_in_a_doi_breaks_the_whole_filter(standin):
    filters = f"doi:{FIBRO.doi},doi:{COMMA.doi}"
    answer = httpx.get(f"{standin.crossref_url}/v1/works", params={"filter": filters})
    assert (answer.status_code, answer.json()["message-type"]) == (400, "validation-failure")


def test_an_unknown_doi_gets_plain_text(standin):
    answer = httpx.get(f"{standin.crossref_url}/v1/works/10.1000%2Fnobody")
    assert (answer.status_code, answer.text) == (404, "Resource not found.")


def test_only_the_selected_fields_are_sent(standin):
    params = {"filter": f"doi:{FIBRO.doi}", "select": "DOI,title"}
    [item] = httpx.get(f"{standin.crossref_url}/v1/works", params=params).json()["message"]["items"]
    assert set(item) == {"DOI", "title"}


def test_esummary_marks_an_unknown_number(standin):
    params = {"db": "pubmed", "id": f"{FIBRO.pmid},5", "retmode": "json"}
    result = httpx.get(f"{standin.ncbi_url}/esummary.fcgi", params=params).json()["result"]
    assert result["uids"] == [str(FIBRO.pmid), "5"]
    assert "error" in result["5"]


def test_beyond_the_limit_the_answer_is_429():
    with Standin(papers_of([FIBRO]), keep_limits=True) as server:
        url = f"{server.ncbi_url}/efetch.fcgi?db=pubmed&id=1"
        with httpx.Client() as client:
            statuses = [client.get(url).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert server.refused == 1


def test_a_developer_can_ask_for_a_fault_and_see_the_requests(standin):
    fault = {"kind": "status", "status": 503, "retry_after": "2"}
    httpx.post(f"{standin.url}/_standin/faults", content=json.dumps(fault))
    assert httpx.get(f"{standin.url}/v1/works/x").headers["retry-after"] == "2"
    seen = httpx.get(f"{standin.url}/_standin/requests").json()
    assert [request["target"] for request in seen["requests"]] == ["/v1/works/x"]
    httpx.post(f"{standin.url}/_standin/reset")
    assert standin.requests == standin.faults == []


@pytest.mark.parametrize("fault", ['{"kind": "earthquake"}', '{"strength": 7}', "nonsense", "[]"])
def test_a_fault_that_does_not_exist_is_refused_with_the_list(standin, fault):
    answer = httpx.post(f"{standin.url}/_standin/faults", content=fault)
    assert answer.status_code == 400
    assert answer.text.startswith("not a fault")


def test_the_scenario_that_the_documentation_shows_can_be_played(tmp_path):
    shown = textwrap.dedent(scenario.__doc__.split("\n\n")[1])
    (tmp_path / "scenario.yaml").write_text(shown)
    played = read_scenario(tmp_path / "scenario.yaml")
    [paper] = played.knowledge(Papers(), "crossref", 1).all()
    assert [(said.kind, said.on) for said in paper.notices] == [
        ("correction", "2021-05-04"),
        ("retraction", "2024-02-03"),
    ]
    assert [fault.status for fault in played.faults(6) if fault.registry == "crossref"] == [429]
    assert (played.keep_limits, played.day_seconds, played.has_corpus) == (True, 30, False)


@pytest.mark.parametrize(
    "event", [{"says": "sorrow"}, {"fails": "earthquake"}, {"registry": "rumour"}, {"strength": 7}, {}]
)
def test_a_scenario_that_cannot_be_played_names_the_event(event):
    with pytest.raises(ScenarioError, match="event 1: "):
        scenario_of({"events": [{"says": "clean", "paper": "x"}, event]})


def test_the_whole_corpus_is_found_under_its_own_identity_within_the_limits(redis, records):
    """Every DOI and PubMed number of the corpus, asked for at the real pace, in the fewest requests."""
    with Standin(read_papers(EVIDENCE), keep_limits=True) as server:
        for make, url, name, batch in (
            (CrossrefClient, server.crossref_url, "doi", 50),
            (PubmedClient, server.ncbi_url, "pmid", 200),
        ):
            server.requests.clear()
            by_id = {record[name]: record for record in records if record.get(name)}
            client = make(url, redis=redis, limits=QUICK, **WHO)
            answers = ask_all(client, by_id)
            client.close()
            assert len(answers) == len(by_id) > 100
            for identifier, answer in answers.items():
                record = by_id[identifier]
                assert isinstance(answer, Found)
                assert compare(answer.facts, record["title"], record["year"], record["authors"]).is_same_paper
                assert [d for d in differences(answer.facts, record) if d.field != "registry_ids"] == []
            assert len(server.requests) == -(-len(by_id) // batch)
        assert server.refused == 0


def test_no_paper_of_the_corpus_is_taken_for_another(records):
    for one, other in itertools.combinations(records, 2):
        facts = PaperFacts(
            "crossref", title=one["title"], year=one["year"], authors=tuple(one["authors"] or ())
        )
        check = compare(facts, other["title"], other["year"], other["authors"])
        assert not check.is_same_paper, (one["key"], other["key"])


def test_the_command_serves_the_corpus():
    command = [sys.executable, "-m", "studies.sources.standin", "--port", "0", "--evidence", str(EVIDENCE)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split(" at ")[1].split(",")[0]
        assert (
            httpx.get(f"{url}/v1/works/10.1002%2Fart.37734").json()["message"]["DOI"] == "10.1002/art.37734"
        )
        process.terminate()
