"""The quick registries of the benchmark speak as the real ones do, and keep their limits."""

from __future__ import annotations

import json

import pytest

from studies.domain import crossref_answer, europepmc_answer, openalex_answer, pubmed_answer
from tests.load.registries import Registries, is_left_out

DOIS = [f"10.5555/synthetic.{n:07}" for n in range(30, 40)]
PMIDS = "id=" + "%2C".join(str(900_000_000 + n) for n in range(30, 40))
QUESTIONS = {
    "crossref": (f"/v1/works?filter={','.join(f'doi:{doi}' for doi in DOIS)}", ""),
    "pubmed": ("/entrez/efetch.fcgi", PMIDS),
    "openalex": (f"/openalex/works?filter=doi:{'%7C'.join(DOIS)}", ""),
    "europepmc": (f"/europepmc/search?query={'%20OR%20'.join(DOIS)}", ""),
}
READ = {
    "crossref": lambda body: crossref_answer.parse_works(body).values(),
    "pubmed": lambda body: pubmed_answer.parse_articles(body).values(),
    "openalex": openalex_answer.parse_works,
    "europepmc": europepmc_answer.parse_results,
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_list_holds_the_papers_asked_for_but_the_one_that_is_left_out(name):
    registries = Registries()
    _, _, status, body = registries.take(*QUESTIONS[name])
    numbers = [n for n in range(30, 40) if not is_left_out(n)]
    assert status == 200
    titles = [entry.facts.title for entry in READ[name](body)]
    assert titles == [f"Synthetic paper {n:07}, made for a measurement and about nothing" for n in numbers]
    tallies = json.loads(registries.control("/_bench"))
    assert (tallies[name]["lists"], tallies[name]["singles"]) == (1, 0)


def test_what_is_beyond_the_limit_is_refused_and_counted():
    registries = Registries()
    statuses = [registries.take(*QUESTIONS["pubmed"])[2] for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert json.loads(registries.control("/_bench"))["pubmed"]["refused"] == 1
