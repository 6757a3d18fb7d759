"""Several records may report one trial: pages count the trial, its arms and its people once."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from conditions.evidence import count_corpus
from conditions.models import Article
from studies.domain.trial_state import is_overdue
from studies.models import Trial
from tests import make


def page_of(path: str) -> str:
    return " ".join(Client().get(path).content.decode().split())


def reports_of_one_trial(*sizes: int | None) -> None:
    """Randomised records of one trial, the first the oldest, each with an arm on 6 mg of so many people."""
    for number, n in enumerate(sizes):
        year = 2020 + number
        ids = ["NCT04270877"]
        study = make.make_study(key=f"paper{year}", year=year, design="rct_parallel", registry_ids=ids)
        make.make_arm(study, dose_mg="6", name="LDN", n=n)


def row_of(page: str, amount: str) -> tuple[str, str]:
    """How many arms and people the table of doses gives for a daily dose."""
    cell = r'class="number">(.*?)</td>'
    found = re.search(rf"{amount} mg</th><td [^>]*{cell}<td [^>]*{cell}", page)
    assert found, f"no row for {amount} mg"
    return found[1], found[2]


@pytest.mark.django_db
class TestDoses:
    def test_the_people_of_one_trial_count_once_however_many_records_report_it(self):
        reports_of_one_trial(49, 45, 49)
        assert row_of(page_of("/doses/"), "6") == ("1", "49")

    def test_its_largest_record_counts_where_the_oldest_does_not_give_a_number(self):
        reports_of_one_trial(None, 45)
        assert row_of(page_of("/doses/"), "6") == ("1", "45")

    def test_when_the_largest_is_taken_back_the_next_one_counts(self):
        reports_of_one_trial(49, 45)
        make.retract("paper2020")
        assert row_of(page_of("/doses/"), "6") == ("1", "45")

    def test_another_trial_at_the_dose_counts_besides(self):
        reports_of_one_trial(49, 45)
        other = make.make_study(key="other2021", design="rct_parallel", registry_ids=["NCT00000001"])
        make.make_arm(other, dose_mg="6", name="LDN", n=10)
        assert row_of(page_of("/doses/"), "6") == ("2", "59")

    def test_it_is_one_dot_and_every_record_is_named(self):
        reports_of_one_trial(49, 45)
        page = page_of("/doses/")
        assert page.count(": 6 mg a day, ") == 1
        assert "paper2020: 6 mg a day, 49 people" in page
        assert '/studies/paper2021/#arms"' in page


@pytest.mark.django_db
def test_the_home_page_counts_trials_and_the_page_about_the_site_counts_records():
    reports_of_one_trial(49, 45)
    make.make_study(key="other2021", design="rct_crossover", registry_ids=[])
    assert (count_corpus()["n_randomised_trials"], count_corpus()["n_randomised"]) == (2, 3)
    assert re.search(r"<strong>2</strong> <a [^>]*>randomised trials", page_of("/"))
    assert "3 of them from randomised trials" in page_of("/about/")


@pytest.mark.django_db
def test_what_can_be_pooled_is_counted_not_said():
    make.make_pool(k=2)
    make.make_pool(condition=make.make_condition(slug="gout", name="Gout"), k=1)
    page = page_of("/about/")
    assert "1 of 2 questions that the studies raise can be answered from two studies or more" in page
    assert "Nothing is pooled yet" not in page


@pytest.mark.usefixtures("corpus")
@pytest.mark.django_db
def test_a_trial_whose_record_says_that_results_were_posted_is_not_overdue():
    trial = Trial.objects.get(registry_id="NCT04365985")
    assert "results posted 2022-01-26" in trial.note
    assert (trial.has_posted_results, str(trial.results_posted_on)) == (True, "2022-01-26")
    assert is_overdue(trial.state, trial.completion, has_results=False, today=trial.created_at.date())
    assert not trial.is_overdue_on(trial.created_at.date())
    overdue = page_of("/trials/").partition("Results overdue")[2].partition("</ul>")[0]
    assert "NCT04678895" in overdue
    assert "NCT04365985" not in overdue


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reviewers", "said"),
    [
        ([None, None], "No clinician has reviewed any page."),
        (["A test", None], "Clinicians have reviewed 1 of N articles and none of the other pages."),
    ],
)
def test_what_clinicians_have_reviewed_is_counted_not_said(reviewers, said):
    for name in reviewers:
        make.make_article(
            status="published",
            patient_html="<p>What is known.</p>",
            rendered_at=timezone.now(),
            reviewed_by=name,
            reviewed_on="2026-11-01" if name else None,
        )
    assert re.findall(r"No clinician has[^.<]*\.|Clinicians have[^.<]*\.", page_of("/about/")) == [
        said.replace("N ", f"{Article.objects.published().count()} ")
    ]
