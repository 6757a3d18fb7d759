"""Each dose as noted is in one band, and none without a plain daily amount passes for a low one."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from studies.domain.dosing import BAND_LABELS, DoseBand, band_of, band_of_dose


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
