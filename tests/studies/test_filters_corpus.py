"""The filters of studies and arms over the whole corpus."""

from __future__ import annotations

import pytest

from studies.domain.dosing import DoseBand, band_of_dose
from studies.filters import in_band
from studies.models import Arm
from tests.studies.test_filters import keys

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def test_the_database_and_the_domain_put_every_dose_into_the_same_band():
    dosed = Arm.objects.filter(dose__isnull=False).select_related("dose")
    bands = {arm.pk: band_of_dose(arm.dose) for arm in dosed}
    for band in DoseBand:
        found = set(dosed.filter(in_band(band)).values_list("pk", flat=True))
        assert found == {pk for pk, where in bands.items() if where == band}, band
    assert set(bands.values()) >= {"range-only", "mg-per-kg", "not-daily", "not-stated", "3-to-4.5"}


def test_a_dose_per_kg_is_in_no_band_of_mg():
    assert {"bouvard1995", "scifo1996"} <= set(keys(dose_band="mg-per-kg"))
    for band in ("below-0.5", "0.5-to-3", "3-to-4.5", "4.5-to-6"):
        assert "scifo1996" not in keys(dose_band=band)


def test_numbers_divide_the_studies_into_two():
    with_numbers, without = keys(has_numbers="true"), keys(has_numbers="false")
    assert len(with_numbers) + len(without) == 185
    assert not set(with_numbers) & set(without)


def test_nobody_has_checked_a_record_yet():
    assert keys(is_checked="true") == []
    assert len(keys(is_checked="false")) == 185
