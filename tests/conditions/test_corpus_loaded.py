"""The loaded corpus: dumped again without loss, loaded again without harm to what editors changed."""

from __future__ import annotations

import pytest
from django.utils import timezone

from conditions.models import Article, Claim, Condition, SafetyFact
from conditions.services.articles import refresh_articles
from conditions.services.corpus import dump_corpus, dump_files, load_corpus
from studies.domain.corpus_file import read_yaml
from studies.models import Arm, Outcome, SideEffect, Study, Trial
from tests.conditions.test_corpus import STUDY, changed, n_entries, without_nothing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


@pytest.mark.data_layer
def test_dumping_what_was_loaded_gives_the_same_bytes(files):
    assert dump_files() == files


def test_every_file_keeps_every_fact(files):
    dumped = dump_corpus()
    assert len([name for name in files if name.startswith("studies/")]) == Study.objects.count() == 185
    for name, raw in files.items():
        if name.endswith(".md"):
            continue
        assert without_nothing(dumped[name]) == without_nothing(read_yaml(raw)), name


@pytest.mark.data_layer
def test_numbers_keep_their_printed_digits(files):
    result = Outcome.objects.get(study__key="beaudettezlatanova2023", position=1).results.get(
        side="comparator"
    )
    assert str(result.value) == "-2.0"


def test_a_second_load_finds_everything_the_same(files):
    keys = dict(Outcome.objects.values_list("pk", "name"))
    report = load_corpus(files=files)
    assert (len(report.added), len(report.changed), len(report.kept)) == (0, 0, 0)
    assert len(report.same) == n_entries()
    assert dict(Outcome.objects.values_list("pk", "name")) == keys


def test_a_change_in_a_file_is_taken_over_and_rows_keep_their_identity(files):
    arm = Arm.objects.get(study__key="younger2013", position=0)
    report = load_corpus(files=changed(files, STUDY, lambda study: study["arms"][0].update(n=30)))
    arm.refresh_from_db()
    assert report.changed == ["study younger2013: arms"]
    assert arm.n == 30


def test_articles_that_quote_a_changed_study_are_rendered_with_it_though_their_own_files_are_the_same(files):
    old = Article.objects.get(slug="fibromyalgia").patient_html
    load_corpus(files=changed(files, STUDY, lambda study: study.update(n_enrolled=33)))
    assert Article.objects.get(slug="fibromyalgia").patient_html != old
    assert refresh_articles(now=timezone.now()) == []


@pytest.mark.data_layer
def test_an_editors_change_is_kept_and_listed(files):
    Study.objects.filter(key="younger2013").update(country="Canada")
    report = load_corpus(files=changed(files, STUDY, lambda study: study.update(country="Mexico", year=2014)))
    study = Study.objects.get(key="younger2013")
    assert study.country == "Canada"
    assert study.year == 2014
    assert report.kept == ["study younger2013: country"]
    assert report.changed == ["study younger2013: year"]


def test_an_editors_change_to_a_claim_a_condition_and_a_trial_is_kept_too(files):
    Claim.objects.filter(slug="helps-fibromyalgia").update(verdict="contradicted")
    Condition.objects.filter(slug="fibromyalgia").update(definition="Ours.")
    Trial.objects.filter(registry_id="NCT00568555").update(sponsor="Somebody")
    SafetyFact.objects.filter(slug="mood").update(detail="Ours.")
    SideEffect.objects.filter(slug="nausea").update(description="Ours.")
    report = load_corpus(files=files)
    assert len(report.kept) == 5
    assert Claim.objects.get(slug="helps-fibromyalgia").verdict == "contradicted"


def test_the_day_on_which_a_registry_says_that_results_were_posted_outlives_a_change_of_the_record(files):
    posted = Trial.objects.filter(registry_id="NCT00568555")
    posted.update(results_posted_on="2024-05-06", has_posted_results=True)

    def rename(data):
        next(trial for trial in data["trials"] if trial["id"] == "NCT00568555")["sponsor"] = "Somebody"

    load_corpus(files=changed(files, "trials.yaml", rename))
    trial = posted.get()
    assert (trial.sponsor, str(trial.results_posted_on)) == ("Somebody", "2024-05-06")
    assert trial.has_posted_results
