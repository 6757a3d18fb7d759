"""A paper that was taken back is marked wherever a page names it, and no number of a summary counts it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from conditions.evidence import count_corpus, count_designs, evidence_for
from conditions.models import Claim, Condition
from pages.services.addresses import find_addresses
from studies.domain.vocabulary import DesignGroup, Direction
from studies.models import Study
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]

KEY = "bruun2024"
# The API has a field for it. Of the pages of studies those are read that are about the same trial.
NOT_READ = ("/studies/", "/api/", "/fhir/")
SAME_TRIAL = ["/studies/bruun2025/", "/studies/nielsen2026/"]
TITLE = "Naltrexone 6 mg once daily versus placebo in women with fibromyalgia"
# By its key, by its title, or by both.
LINK = re.compile(rf'<a (?=[^>]*href="/studies/{KEY}/[^"]*")([^>]*)>\s*(?:{KEY}\s*</a>|(?:{KEY}: )?{TITLE})')


def test_wherever_a_page_names_it_the_link_is_struck():
    make.retract(KEY)
    naming, unmarked = set(), []
    paths = [path for path in find_addresses() if not path.startswith(NOT_READ)]
    for path in paths + SAME_TRIAL:
        for attributes in LINK.findall(Client().get(path).content.decode()):
            naming.add(path)
            if "is-gone" not in attributes:
                unmarked.append(path)
    assert {"/conditions/fibromyalgia/", "/doses/", "/trials/", "/side-effects/"} <= naming
    assert unmarked == []


def test_no_number_of_a_summary_counts_it():
    fibromyalgia = Condition.objects.get(slug="fibromyalgia")

    def counted() -> tuple[object, ...]:
        evidence = evidence_for(fibromyalgia, today=timezone.now().date())
        no_difference = dict(evidence.primary_directions)[Direction.NO_DIFFERENCE]
        designs = dict(count_designs([fibromyalgia])[fibromyalgia.pk])
        return (
            evidence.n_randomised_reports,
            no_difference,
            designs[DesignGroup.RANDOMISED],
            count_corpus()["n_randomised"],
        )

    before = counted()
    make.retract(KEY)
    assert counted() == tuple(n - 1 for n in before)
    evidence = evidence_for(fibromyalgia, today=timezone.now().date())
    assert (evidence.n_retracted, evidence.n_randomised_gone) == (1, 1)
    assert KEY in {study.key for study in evidence.studies}, "the list goes on showing it"


def test_a_condition_whose_only_trial_was_taken_back_says_so_and_that_nobody_knows(client):
    condition = make.make_condition(slug="gout", name="Gout")
    study = make.make_study(key="gone2020", design="rct_parallel", conditions=[condition])
    make.retract(study.key)
    for path in ("/conditions/gout/", "/conditions/gout/sheet/"):
        page = " ".join(client.get(path).content.decode().split())
        assert "Nobody knows." in page
        assert "Every randomised trial for this condition on record here was retracted or withdrawn." in page
        assert "was tested for this in" not in page


def test_it_counts_among_no_studies_of_a_side_effect_or_a_claim(client):
    def counted() -> tuple[int, ...]:
        effects = {row.slug: row.n_studies for row in client.get("/side-effects/").context["side_effects"]}
        groups = client.get("/claims/").context["verdicts"]
        claims = {claim.slug: claim.n_studies for _, _, group in groups for claim in group}
        in_api = client.get("/api/v1/side-effects/any-side-effect/").json()["n_studies"]
        return effects["any-side-effect"], claims["helps-fibromyalgia"], in_api

    before = counted()
    make.retract(KEY)
    assert counted() == tuple(n - 1 for n in before)


def test_a_side_effect_of_which_only_such_a_paper_tells_stays_in_the_list_with_no_study(client):
    study = make.make_study(key="gone2020")
    report = make.make_side_effect_report(study, counts={"intervention": {"events": 3, "n": 20}})
    make.retract(study.key)
    page = client.get("/side-effects/")
    rows = {effect.pk: effect.n_studies for effect in page.context["side_effects"]}
    assert rows[report.side_effect.pk] == 0


def test_claims_stand_in_their_order_whatever_was_written_last(client):
    first = Claim.objects.order_by("position").first()
    Claim.objects.filter(pk=first.pk).update(rationale="Written again, which moves its row.")
    for _, _, group in client.get("/claims/").context["verdicts"]:
        positions = [claim.position for claim in group]
        assert positions == sorted(positions)


def test_a_trial_whose_report_was_taken_back_is_none_with_a_result(client):
    before = client.get("/trials/").context["n_with_results"]
    make.retract(KEY)
    assert client.get("/trials/").context["n_with_results"] == before - 1


def test_the_page_of_a_trial_whose_report_was_taken_back_says_so_and_hides_no_other_report(client):
    trial = Study.objects.get(key=KEY).trials.first()
    said = "The report of its results does not stand"
    assert said not in client.get(trial.get_absolute_url()).content.decode()
    make.retract(KEY)
    page = client.get(trial.get_absolute_url()).content.decode()
    assert said in page
    assert "Results overdue" not in page
    assert 'href="/studies/nielsen2026/"' in page
