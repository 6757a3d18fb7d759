"""Computed numbers and words, against published examples and at their edges; docstrings' examples too."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import conditions.domain
import studies.domain
from studies.domain.citation import csl_name
from studies.domain.dosing import BAND_ENDS, DoseBand, band_of, describe_dose
from studies.domain.merge import merge_entry
from studies.domain.proportion import difference_in_words, in_words, newcombe, wilson
from studies.domain.publication_status import fold_notices
from studies.domain.reading import read_path
from studies.domain.search_words import prefix_query
from studies.domain.trial_reports import group_reports, people_of
from studies.domain.trial_state import TrialState, is_overdue, latest_day, state_of

MODULES = [
    f"{package.__name__}.{found.name}"
    for package in (studies.domain, conditions.domain)
    for found in pkgutil.iter_modules(package.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.0, 16.11), (1, 29, 0.61, 17.18)],
)
def test_wilsons_interval_is_newcombes_table_1(events, n, low, high):
    """Newcombe RG. Stat Med 1998;17:857-872, table I, method 3."""
    found = wilson(events, n)
    assert (round(found.low, 2), round(found.high, 2)) == (low, high)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 5.24, 33.39),
        (9, 10, 3, 10, 17.05, 80.90),
        (10, 10, 0, 20, 67.91, 100.00),
        (10, 10, 0, 10, 60.75, 100.00),
    ],
)
def test_the_difference_is_newcombes_table_2(a, m, b, n, low, high):
    """Newcombe RG. Stat Med 1998;17:873-890, table II, method 10."""
    found = newcombe(a, m, b, n)
    assert round(found.low, 2) == pytest.approx(low, abs=0.01)
    assert round(found.high, 2) == pytest.approx(high, abs=0.01)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_proportion_and_stays_within_0_and_100(pair):
    found = wilson(*pair)
    assert 0 <= found.low <= found.percent <= found.high <= 100


@pytest.mark.parametrize(("events", "n"), [(1, 0), (3, 2), (-1, 5)])
def test_what_is_no_proportion_is_refused(events, n):
    with pytest.raises(ValueError, match="is not a proportion"):
        wilson(events, n)


def test_none_seen_is_never_called_none():
    assert in_words(wilson(0, 1)).startswith("0 of 1; that fits with up to about")


def test_one_person_who_had_it_is_no_frequency():
    assert "100" not in in_words(wilson(1, 1))


def test_a_small_difference_is_not_called_none():
    assert difference_in_words(newcombe(5, 1000, 2, 1000)).startswith("0.3 more in 100")
    assert difference_in_words(newcombe(2, 1000, 5, 1000)).startswith("0.3 fewer in 100")
    assert difference_in_words(newcombe(5, 1000, 5, 1000)).startswith("no difference in 100")


def test_an_interval_that_leaves_no_difference_out_says_so():
    gap = newcombe(42, 1000, 24, 1000)
    assert 0 < gap.low < 0.5
    assert "no difference" not in difference_in_words(gap)


@given(st.decimals("0.001", "1000", places=3))
def test_every_dose_has_exactly_one_band(amount):
    band = band_of(amount)
    low, _, high, _ = BAND_ENDS[band]
    assert low <= amount
    assert high is None or amount <= high


@pytest.mark.parametrize(
    ("mg", "band"),
    [("0.25", "below-0.5"), ("0.5", "0.5-to-3"), ("3", "3-to-4.5"), ("4.5", "3-to-4.5"), ("6", "4.5-to-6")],
)
def test_the_ends_of_bands_belong_where_the_labels_say(mg, band):
    assert band_of(Decimal(mg)) == DoseBand(band)


def dose(**parts):
    names = ["amount_mg", "route", "timing", "duration_weeks", "start_mg"]
    names += ["max_mg", "range_text", "mg_per_kg", "mg_per_kg_text"]
    return SimpleNamespace(**{**dict.fromkeys(names), "per": "day", **parts})


def test_a_dose_per_kg_is_never_turned_into_a_dose():
    assert describe_dose(dose(mg_per_kg=Decimal("0.5"))) == "0.5 mg per kg of body weight a day"
    assert describe_dose(dose()) == "dose not reported"
    assert (
        describe_dose(dose(amount_mg=Decimal("4.5"), duration_weeks=Decimal(12))) == "4.5 mg a day, 12 weeks"
    )


def notices(*kinds):
    return [
        SimpleNamespace(kind=kind, dated_on=None, date_text=day)
        if isinstance(day, str)
        else SimpleNamespace(kind=kind, dated_on=day, date_text="")
        for kind, day in kinds
    ]


@pytest.mark.parametrize(
    ("given_notices", "status"),
    [
        ([], "current"),
        ([("correction", date(2020, 1, 1))], "corrected"),
        ([("retraction", date(2020, 1, 1)), ("correction", date(2021, 1, 1))], "retracted"),
        ([("correction", date(2020, 1, 1)), ("retraction", date(2020, 1, 1))], "retracted"),
        ([("retraction", date(2020, 1, 1)), ("reinstatement", date(2021, 1, 1))], "reinstated"),
        ([("reinstatement", date(2019, 1, 1)), ("retraction", date(2020, 1, 1))], "retracted"),
        ([("reinstatement", None), ("retraction", date(2020, 1, 1))], "retracted"),
        ([("concern", date(2020, 1, 1)), ("correction", date(2021, 1, 1))], "concern"),
        ([("concern", date(2020, 1, 1)), ("retraction", date(2021, 1, 1))], "retracted"),
        ([("retraction", None)], "retracted"),
        ([("unknown", date(2020, 1, 1))], "unknown"),
        ([("unknown", date(2020, 1, 1)), ("correction", date(2021, 1, 1))], "corrected"),
        ([("unknown", None), ("retraction", date(2020, 1, 1))], "retracted"),
        ([("reinstatement", date(2005, 1, 1)), ("retraction", "2010 Feb")], "retracted"),
        ([("reinstatement", date(2010, 2, 6)), ("retraction", "2010 Feb")], "retracted"),
        ([("reinstatement", date(2011, 2, 6)), ("retraction", "2010")], "reinstated"),
        ([("reinstatement", "2010"), ("retraction", date(2010, 5, 4))], "retracted"),
        ([("retraction", None), ("reinstatement", date(2020, 1, 1))], "reinstated"),
        ([("retraction", date(2020, 1, 1)), ("withdrawal", date(2021, 1, 1))], "withdrawn"),
        ([("reinstatement", date(2020, 1, 1)), ("correction", date(2021, 1, 1))], "corrected"),
        (
            [
                ("retraction", date(2019, 1, 1)),
                ("reinstatement", date(2020, 1, 1)),
                ("correction", date(2021, 1, 1)),
                ("unknown", date(2022, 1, 1)),
            ],
            "reinstated",
        ),
        (
            [
                ("correction", date(2020, 5, 30)),
                ("concern", date(2020, 6, 3)),
                ("retraction", date(2020, 6, 5)),
            ],
            "retracted",
        ),
        ([("retraction and republication", date(2020, 1, 1))], "retracted and republished"),
        ([("withdrawal", date(2020, 1, 1))], "withdrawn"),
    ],
)
def test_notices_fold_by_date_and_then_severity_in_any_order(given_notices, status):
    assert fold_notices(notices(*given_notices), was_answered=True) == status
    assert fold_notices(notices(*reversed(given_notices)), was_answered=True) == status


def test_without_an_answer_nothing_is_current():
    assert fold_notices([], was_answered=False) == "unknown"
    assert fold_notices(notices(("unknown", None)), was_answered=False) == "unknown"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("not yet recruiting", TrialState.PLANNED),
        ("active, not recruiting", TrialState.RUNNING),
        ("published (registry copy seen: recruiting)", TrialState.COMPLETED),
        ("authorised; recruitment may be ongoing or finished", TrialState.UNKNOWN),
        (None, TrialState.UNKNOWN),
        ("withdrawn", TrialState.WITHDRAWN),
    ],
)
def test_a_registrys_words_become_a_state(status, state):
    assert state_of(status) == state


@pytest.mark.parametrize(
    ("completion", "has_results", "state", "overdue"),
    [
        ("2025-11-23", False, TrialState.COMPLETED, True),
        ("2025-11-24", False, TrialState.COMPLETED, False),
        ("2025-11", False, TrialState.COMPLETED, False),
        ("2025-10", False, TrialState.RECRUITING, True),
        ("2024", True, TrialState.COMPLETED, False),
        ("2014", False, TrialState.WITHDRAWN, False),
        (None, False, TrialState.COMPLETED, False),
    ],
)
def test_results_are_overdue_twelve_months_after_the_latest_day_meant(
    completion, has_results, state, overdue
):
    assert is_overdue(state, completion, has_results, date(2026, 11, 23)) is overdue


def test_a_partial_date_means_its_last_day():
    assert latest_day("2024-02") == date(2024, 2, 29)
    assert latest_day("2024-12") == date(2024, 12, 31)
    assert latest_day("2023") == date(2023, 12, 31)


def test_reports_that_share_a_number_are_one_trial_even_through_a_third():
    reports = [SimpleNamespace(registry_ids=ids) for ids in (["A"], ["B"], [], ["A", "B"], [])]
    assert sorted(len(group) for group in group_reports(reports)) == [1, 1, 3]
    assert people_of([None, 99, 92]) == 99
    assert people_of([None]) is None


def test_an_editors_change_wins_over_the_file_and_is_named():
    merge = merge_entry({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 3, "b": 3})
    assert (merge.merged, merge.taken, merge.kept) == ({"a": 2, "b": 3}, ["b"], ["a"])
    assert merge_entry(None, {"a": 1}, {"a": 2}).kept == ["a"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("outcomes.1", "not yet verified: outcome 2 numbers (one copy only)"),
        ("outcomes.12", "the second look did not touch it"),
        ("outcomes.0", "a second look at another copy agreed"),
        ("outcomes.2", "corrected by a second look at another copy"),
        ("outcomes.3", "not seen by the second look"),
    ],
)
def test_how_a_number_was_read_is_said_of_that_number_alone(path, words):
    known = {
        "unverified": ["outcomes.1 numbers (one copy only)"],
        "agreed": ["outcomes.0"],
        "corrected": ["outcomes.2.effect"],
        "not_seen": ["outcomes.3 interval"],
    }
    assert read_path(path, was_read_twice=True, **known) == words


def test_initials_are_kept_apart_so_that_a_style_prints_both():
    assert csl_name("Vaegter HB") == {"family": "Vaegter", "given": "H. B."}
    assert csl_name("Bye-Møller L") == {"family": "Bye-Møller", "given": "L."}


@given(st.text())
def test_whatever_is_typed_becomes_words_without_operators(text):
    assert all((part.endswith(":*") and part[:-2].isidentifier()) or part[:-2].replace("_", "a").isalnum()
               for part in prefix_query(text).split(" & ") if part)  # fmt: skip
