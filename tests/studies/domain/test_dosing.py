"""Each dose as noted is in one band, and none without a plain daily amount passes for a low one."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from studies.domain.dosing import BAND_LABELS, DoseBand, band_of, band_of_dose, is_above_low_dose


def dose(**parts):
    empty = dict.fromkeys(("amount_mg", "mg_per_kg", "mg_per_kg_text", "range_text"))
    return SimpleNamespace(**{**empty, "per": "day", **parts})


def test_a_dose_of_nothing_is_in_no_band():
    with pytest.raises(ValueError, match="above 0 mg"):
        band_of(Decimal(0))


@pytest.mark.parametrize(
    ("parts", "band"),
    [
        ({"amount_mg": Decimal("4.5")}, "3-to-4.5"),
        ({"amount_mg": Decimal("4.5"), "range_text": "3-6"}, "3-to-4.5"),
        ({"amount_mg": Decimal("4.5"), "per": "single dose"}, "not-daily"),
        ({"amount_mg": Decimal("4.5"), "per": "48 hours"}, "not-daily"),
        ({"mg_per_kg": Decimal("0.5")}, "mg-per-kg"),
        ({"mg_per_kg_text": "0.5, 1.0 and 1.5", "range_text": "5-30"}, "mg-per-kg"),
        ({"range_text": "3.0-4.5"}, "range-only"),
        ({}, "not-stated"),
    ],
)
def test_what_is_no_daily_amount_has_a_band_of_its_own(parts, band):
    assert band_of_dose(dose(**parts)) == band


def test_every_band_has_a_label():
    assert list(BAND_LABELS) == list(DoseBand)


HIGH, LOW, UNSTATED = dose(amount_mg=Decimal(50)), dose(amount_mg=Decimal(6)), dose(mg_per_kg=Decimal("0.1"))


@pytest.mark.parametrize(
    ("given", "compared", "is_above"),
    [
        ([HIGH], [None], True),
        ([HIGH], [LOW], True),
        ([HIGH, LOW], [], False),
        ([HIGH, UNSTATED], [], False),
        ([HIGH, None], [], False),
        ([UNSTATED], [HIGH], False),
        ([], [HIGH], False),
    ],
)
def test_only_a_trial_whose_every_naltrexone_arm_is_known_to_be_above_low_dose_is_said_to_be(
    given, compared, is_above
):
    arms = [SimpleNamespace(role="intervention", dose=each) for each in given]
    arms += [SimpleNamespace(role="active_control", dose=each) for each in compared]
    assert is_above_low_dose(arms) is is_above
