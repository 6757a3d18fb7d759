"""Stored pools: fresh after every change, in its transaction, and every number leads to an outcome."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions.models import Article, Certainty, ComputedVerdict, Pool, PoolStudy
from conditions.services.answers import refresh_answers
from conditions.services.articles import save_article
from conditions.services.pools import compute_pools, find_stale_pools, store_pools
from studies.models import Instrument
from studies.services import editing
from tests import make
from tests.conditions.test_verdicts import claim, condition, trial  # noqa: F401 - two are fixtures

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def scale():
    return Instrument.objects.create(slug="nrs", name="Pain, 0 to 10", reported_as=["NRS"])


@pytest.fixture
def trials(condition, scale):  # noqa: F811
    """Two trials of pain on one scale."""
    made = [trial(condition, year=2019), trial(condition, year=2021)]
    for _, outcome, _ in made:
        outcome.instrument, outcome.better = "NRS", "lower"
        outcome.save()
    return made


def pool_of(**asked) -> Pool:
    return Pool.objects.with_studies().get(**{"domain": "pain", "measure": "MD", **asked})


def test_a_pool_holds_each_study_with_the_outcome_arm_and_place_of_its_number(client, trials):
    refresh_answers(now=NOW)
    pool = pool_of()
    assert (pool.k, pool.estimate, pool.scale, pool.is_main) == (
        2,
        pytest.approx(-1.0),
        "Pain, 0 to 10",
        True,
    )
    for (study, outcome, arm), row in zip(trials, pool.rows.all(), strict=True):
        assert (row.study, row.outcome, row.arm, row.is_in) == (study, outcome, arm, True)
        page, _, place = row.get_absolute_url().partition("#")
        assert f'id="{place}"' in client.get(page).content.decode()


def test_running_it_twice_changes_nothing(trials):
    refresh_answers(now=NOW)
    rows = list(PoolStudy.objects.values_list("pk", flat=True))
    assert store_pools(compute_pools(), now=LATER) == []
    assert pool_of().computed_at == NOW
    assert list(PoolStudy.objects.values_list("pk", flat=True)) == rows


def test_the_number_of_queries_does_not_grow_with_the_studies(trials, condition):  # noqa: F811
    refresh_answers(now=NOW)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            store_pools(compute_pools(), now=LATER)
        return len(queries)

    cost()
    few = cost()
    for _ in range(12):
        trial(condition)
    cost()
    assert cost() == few


def test_one_value_changed_by_an_editor_changes_pool_certainty_verdict_article_and_api(
    client,
    trials,
    claim,  # noqa: F811
    condition,  # noqa: F811
):
    """All in the transaction of the change: it is looked at before that ends."""
    question = f"{condition.slug}/pain/placebo/MD"
    body = (
        "## For patients\n\nSee [the safety page](/safety/).\n\n## For clinicians\n\n"
        f'Pooled: []{{.figure kind=pool question="{question}"}}.\n'
    )
    refresh_answers(now=NOW)
    save_article(article=Article(slug="a", title="A", summary="S", body=body), publish=True, now=NOW)
    before = client.get("/api/v1/pools/", {"domain": "pain", "is_main": "true"}).json()["results"][0]
    assert before["estimate"] == pytest.approx(-1.0)
    study, outcome, _ = trials[0]
    with transaction.atomic():
        outcome.effect.value, outcome.effect.ci_low, outcome.effect.ci_high = "3.0", "2.5", "3.5"
        outcome.effect.save()
        outcome.direction = "favours_comparator"
        outcome.save()
        editor = get_user_model().objects.create_user("ada")
        editing.after_part_edit(study=study, editor=editor, today=timezone.localdate(), number=outcome)
        pool = pool_of()
        assert pool.estimate == pytest.approx(1.0, abs=0.01)
        assert Certainty.objects.get(domain="pain").input_hash
        assert ComputedVerdict.objects.get(claim=claim).word == "overstated"
        assert "MD 1.00" in Article.objects.get().clinician_html
    after = client.get("/api/v1/pools/", {"domain": "pain", "is_main": "true"}).json()["results"][0]
    assert after["estimate"] == pool.estimate
    assert after["certainty"]["word"] == Certainty.objects.get(domain="pain").word
    call_command("check_pools")


def test_a_retracted_study_leaves_the_pool_and_stays_on_its_page_struck(client, trials):
    refresh_answers(now=NOW)
    study = trials[0][0]
    study.publication_status = "retracted"
    study.save()
    refresh_answers(now=LATER)
    pool = pool_of()
    row = pool.rows.get(study=study)
    assert (pool.k, row.is_in, row.reason) == (1, False, "gone")
    assert row.estimate == pytest.approx(-1.0)
    page = client.get(pool.get_absolute_url()).content.decode()
    assert f'class="is-gone">{study.key}' in page
    assert "retracted or withdrawn: it counts for nothing" in page


def test_a_study_under_concern_stays_in_and_the_pool_is_shown_without_it(client, trials):
    study = trials[0][0]
    study.publication_status = "concern"
    study.save()
    refresh_answers(now=NOW)
    assert pool_of().result["without_concern"]["k"] == 1
    page = client.get(pool_of().get_absolute_url()).content.decode()
    assert "Without studies under concern" in page
    assert "Expression of concern" in page


def test_a_draft_is_counted_on_the_page_but_named_nowhere(client, trials, condition):  # noqa: F811
    draft = make.make_study(status="draft", conditions=[condition])
    refresh_answers(now=NOW)
    pool = pool_of()
    assert pool.rows.get(study=draft).reason == "draft"
    page = client.get(pool.get_absolute_url()).content.decode()
    assert draft.key not in page
    assert "1 more record of the condition is not published yet" in page
    assert draft.key not in client.get(f"/api/v1/pools/{pool.pk}/").content.decode()


def test_a_question_that_no_study_raises_any_more_loses_its_pool(trials):
    refresh_answers(now=NOW)
    for study, _, _ in trials:
        study.status = "draft"
        study.save()
    refresh_answers(now=LATER)
    assert not Pool.objects.exists()
    assert not Certainty.objects.exists()


def test_an_editors_word_on_certainty_outlives_the_evidence_and_says_so(trials):
    refresh_answers(now=NOW)
    row = Certainty.objects.get()
    editor = get_user_model().objects.create_user("ada")
    row.override(level="low", reason="One centre.", editor=editor, on=NOW.date())
    row.save()
    for study, _, _ in trials:
        study.status = "draft"
        study.save()
    refresh_answers(now=LATER)
    row = Certainty.objects.get()
    assert (row.level, row.word, row.is_override_stale) == ("no_evidence", "low", True)


def test_a_recorded_difference_that_matters_is_used_and_its_source_is_shown(client, trials, scale):
    scale.minimal_difference, scale.minimal_difference_source = "2", "A survey of patients, 2001."
    scale.save()
    refresh_answers(now=NOW)
    assert "2 (A survey of patients, 2001.)" in str(Certainty.objects.get().steps)


def test_a_stored_number_that_is_not_what_the_records_say_is_found_and_mended(trials):
    refresh_answers(now=NOW)
    pool = pool_of()
    Pool.objects.filter(pk=pool.pk).update(estimate=-0.9, input_hash="b" * 64)
    address = f"{pool.condition.slug}/pain-placebo-md"
    assert find_stale_pools(compute_pools()) == [address]
    with pytest.raises(CommandError, match=address):
        call_command("check_pools")
    call_command("check_pools", "--mend")
    assert pool_of().estimate == pytest.approx(-1.0)


class TestThePage:
    @pytest.fixture
    def address(self, trials):  # noqa: ARG002 - they must be there
        refresh_answers(now=NOW)
        return pool_of().get_absolute_url()

    def test_a_reader_takes_a_study_out_and_the_address_says_so(self, client, address, trials):
        key = trials[0][0].key
        page = client.get(address, {"out": key}).content.decode()
        assert "You have changed how this is pooled." in page
        assert "One study: its own result, nothing pooled." in page
        assert f'value="{key}" checked' in page
        assert f'href="{address}"' in page

    def test_a_reader_lets_other_studies_in(self, client, address, condition):  # noqa: F811
        _, outcome, _ = trial(condition, design="open_label_trial")
        outcome.instrument, outcome.better = "NRS", "lower"
        outcome.save()
        refresh_answers(now=LATER)
        assert "2 studies" in client.get(address).content.decode()
        assert "3 studies" in client.get(address, {"designs": "comparative"}).content.decode()

    def test_the_fixed_model_and_the_ordinary_interval_are_there_for_the_asking(self, client, address):
        assert "Fixed effect (inverse variance)" in client.get(address, {"model": "fixed"}).content.decode()
        assert "by the normal distribution" in client.get(address, {"hk": "off"}).content.decode()

    def test_the_correlation_of_a_cross_over_trial_is_shown_and_can_be_varied(
        self,
        client,
        address,
        condition,  # noqa: F811
    ):
        assert "Correlation of a person" not in client.get(address).content.decode()
        _, outcome, _ = trial(condition, design="rct_crossover", year=2022)
        outcome.instrument, outcome.better = "NRS", "lower"
        outcome.save()
        outcome.results.update(value="-2.0", unit="points", sd="2", n=20)
        outcome.results.filter(side="comparator").update(value="-1.0")
        outcome.effect.delete()
        refresh_answers(now=LATER)
        default = client.get(address).content.decode()
        varied = client.get(address, {"correlation": "0"})
        assert "correlation of a person&#x27;s two periods 0.5, which is assumed" in default
        assert "correlation of a person&#x27;s two periods 0, which is assumed" in varied.content.decode()
        assert 'name="correlation" value="0" checked' in varied.content.decode()
        assert _width(varied, outcome) > _width(client.get(address), outcome)

    def test_a_choice_that_there_is_not_is_refused_with_the_mend_and_the_default(self, client, address):
        answer = client.get(address, {"model": "best"})
        assert answer.status_code == 400
        assert "model: use one of random, fixed" in answer.content.decode()
        assert "2 studies" in answer.content.decode()

    def test_an_update_in_place_gets_the_part_alone(self, client, address):
        part = client.get(address, headers={"HX-Request": "true"})
        assert "<html" not in part.content.decode()
        assert 'id="result"' in part.content.decode()
        assert "HX-Request" in part["Vary"]

    def test_the_default_is_read_as_stored_and_nothing_is_computed(self, client, address, monkeypatch):
        def fail(*_):
            raise AssertionError("computed on read")

        monkeypatch.setattr("conditions.domain.pool_summary.summarise", fail)
        assert client.get(address).status_code == 200
        assert client.get(pool_of().condition.get_absolute_url()).status_code == 200

    def test_it_costs_the_same_number_of_queries_whatever_is_asked(self, client, address):
        def cost(**asked) -> int:
            with CaptureQueriesContext(connection) as queries:
                client.get(address, asked)
            return len(queries)

        assert cost() == cost(model="fixed") <= 6


def test_a_process_that_serves_pages_does_not_load_what_computes_them():
    code = "import sys, ldn_kb.asgi, ldn_kb.urls, conditions.answers; print('scipy' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    assert asked.stdout.strip() == "False"


def _width(answer, outcome) -> float:
    line = next(line for line in answer.context["view"].members if line.study == outcome.study)
    return line.ci_high - line.ci_low


def test_an_unknown_pool_is_not_found(client, condition):  # noqa: F811
    assert client.get(f"/conditions/{condition.slug}/pools/pain-placebo-md/").status_code == 404
