"""The verdicts on the 36 claims of the corpus, each reviewed by hand against its records."""

from __future__ import annotations

import pytest

from conditions.models import Claim, ComputedVerdict
from conditions.services.answers import refresh_numbers
from conditions.services.verdicts import find_stale
from studies.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]

NONE = None
# Claim: the computed word, and the first reader's where that is another.
REVIEWED = {
    "low-dose-range-0-5-to-4-5": "partly_supported",
    "ldn-promising-for-chronic-pain": "overstated",
    "research-keeps-piling-up": "overstated",
    "helps-fibromyalgia": "overstated",
    "helps-multiple-sclerosis": "overstated",
    "helps-crohns-disease": "partly_supported",
    "helps-cancer": "overstated",
    # The first reader did not count the trial in 600 women that missed its main outcome.
    "helps-irritable-bowel-syndrome": "not_supported",
    "side-effects-are-minimal": "partly_supported",
    "seventy-five-percent-no-side-effects": "unverifiable",
    "thirty-five-patients-half-relieved": "unverifiable",
    "corneal-pain-59-patients-49-percent": "partly_supported",
    "me-cfs-2021-effectiveness-confirmed": "not_supported",
    # No comparison with placebo is on record: nobody knows.
    "helps-crps": NONE,
    "helps-hailey-hailey-disease": NONE,
    "helps-autism": NONE,
    "helps-diabetic-neuropathy": NONE,
    "side-effect-list": NONE,
    "low-risk-option": NONE,
}
DIFFERING = {"helps-irritable-bowel-syndrome"}


def usable(slug: str, place: str) -> set[str]:
    findings = ComputedVerdict.objects.get(claim__slug=slug).findings.filter(place=place)
    return set(findings.values_list("study__key", flat=True))


def test_every_claim_asks_a_question_or_says_why_it_cannot():
    assert Claim.objects.count() == 36
    assert not Claim.objects.filter(question__isnull=True).exists()
    without = Claim.objects.filter(question__kind="not_computable")
    assert set(Claim.objects.values_list("slug", flat=True)) - set(REVIEWED) == {c.slug for c in without}
    assert all(claim.question.why_not for claim in without.select_related("question"))


@pytest.mark.parametrize("slug", REVIEWED)
def test_the_computed_word_is_the_one_that_was_reviewed(slug):
    assert ComputedVerdict.objects.get(claim__slug=slug).word == REVIEWED[slug]


def test_the_two_verdicts_differ_only_where_that_was_reviewed():
    differing = ComputedVerdict.objects.that_differ().values_list("claim__slug", flat=True)
    assert set(differing) == DIFFERING


def test_loading_leaves_every_verdict_fresh():
    assert find_stale() == []


def test_fibromyalgia_rests_on_one_small_trial_for_and_three_without_a_difference():
    assert usable("helps-fibromyalgia", "for") == {"younger2013"}
    assert usable("helps-fibromyalgia", "no_difference") == {
        "bested2023",
        "bruun2024",
        "rodriguezfreire2026",
    }


def test_one_trial_in_three_papers_is_counted_once():
    findings = ComputedVerdict.objects.get(claim__slug="low-dose-range-0-5-to-4-5").findings
    reasons = dict(
        findings.filter(study__registry_ids__contains=["NCT04270877"]).values_list("study__key", "reason")
    )
    assert reasons["bruun2024"] == "a low dose outside the claimed range"
    assert reasons["bruun2025"] == reasons["nielsen2026"]
    assert "another report of the trial that bruun2024 reports" in reasons["bruun2025"]


def test_no_retracted_study_is_counted_whichever_way_it_points():
    before = dict(ComputedVerdict.objects.values_list("claim__slug", "word"))
    counted = usable("helps-fibromyalgia", "no_difference")
    Study.objects.filter(key__in=counted).update(publication_status="retracted")
    refresh_numbers(now=ComputedVerdict.objects.first().computed_at)
    assert before["helps-fibromyalgia"] == "overstated"
    assert ComputedVerdict.objects.get(claim__slug="helps-fibromyalgia").word == "partly_supported"
    assert usable("helps-fibromyalgia", "no_difference") == set()


@pytest.mark.parametrize("slug", REVIEWED)
def test_every_finding_leads_to_its_place_on_the_page_of_its_study(client, slug):
    findings = ComputedVerdict.objects.with_findings().get(claim__slug=slug).findings.all()
    for finding in findings:
        if finding.place != "not_usable" and finding.anchor:
            page, _, place = finding.get_absolute_url().partition("#")
            assert f'id="{place}"' in client.get(page).content.decode()


@pytest.mark.parametrize("slug", ["helps-fibromyalgia", "research-keeps-piling-up"])
def test_the_page_of_a_claim_reads_in_a_fixed_number_of_queries(client, slug, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        client.get(f"/claims/{slug}/")
