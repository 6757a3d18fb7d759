"""Rules of what is computed and of scales, each broken once; tests/studies/test_constraints.py runs them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.utils import timezone

from conditions.models import AnswerChange, PoolStudy, Release, ReleaseFile, StatusChange
from studies.models import Instrument, Notice, RegistryEdition
from tests import make

NOW = timezone.now()
BREAKERS: dict[str, Callable[[], object]] = {}
EMPTY = {"k": 0, "estimate": None, "ci_low": None, "ci_high": None, "better": None}


def pool_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: make.make_pool(**fields)


def pool_study_with(rule: str, /, **fields) -> None:
    def breaker() -> None:
        study = make.make_study()
        numbers = {"estimate": -0.5, "ci_low": -1, "ci_high": 0, "weight_percent": 100}
        values = {"outcome": make.make_outcome(study), "is_in": True, **numbers, **fields}
        PoolStudy.objects.create(pool=make.make_pool(), study=study, position=0, candidate={}, **values)

    BREAKERS[rule] = breaker


pool_with("pool_domain_known", domain="luck")
pool_with("pool_comparator_known", comparator="prayer")
pool_with("pool_measure_known", measure="hunch")
pool_with("pool_better_known", better="down")
pool_with("pool_ci_in_order", ci_low=0.5)
pool_with("pool_prediction_in_order", prediction_low=1, prediction_high=0)
pool_with("pool_i2_is_percent", i2=101)
pool_with("pool_tau2_not_negative", tau2=-1)
pool_with("pool_of_nothing_has_no_estimate", **{**EMPTY, "estimate": 0.1})
pool_study_with("pool_reason_known", is_in=False, reason="dislike", weight_percent=None)
pool_study_with("pool_study_out_has_a_reason", is_in=False, weight_percent=None)
pool_study_with("pool_study_in_has_its_numbers", weight_percent=None)
pool_study_with("pool_study_ci_in_order", ci_low=0)
pool_study_with("pool_weight_is_percent", weight_percent=101)


def _same_question() -> None:
    first = make.make_pool()
    make.make_pool(condition=first.condition, slug="another", is_main=False)


def _same_address() -> None:
    first = make.make_pool()
    make.make_pool(condition=first.condition, measure="SMD", is_main=False)


def _two_main_measures() -> None:
    first = make.make_pool()
    make.make_pool(condition=first.condition, measure="SMD", slug="pain-placebo-smd")


def _study_twice() -> None:
    pool, study = make.make_pool(), make.make_study()
    for _ in range(2):
        PoolStudy.objects.create(
            pool=pool, study=study, position=0, is_in=False, reason="no_effect", candidate={}
        )


BREAKERS["pool_once_per_question"] = _same_question
BREAKERS["pool_slug_unique"] = _same_address
BREAKERS["pool_one_main_measure"] = _two_main_measures
BREAKERS["pool_names_a_study_once"] = _study_twice


def instrument_with(rule: str, /, **fields) -> None:
    BREAKERS[rule] = lambda: Instrument.objects.create(slug="nrs", **{"name": "Pain, 0 to 10", **fields})


instrument_with("instrument_has_a_name", name="")
instrument_with("instrument_difference_above_zero", minimal_difference=0, minimal_difference_source="A")
instrument_with("instrument_difference_has_a_source", minimal_difference=1)


def change_with(rule: str, /, **fields) -> None:
    defaults = {"at": NOW, "cause": "records", "summary": "1 page changed", "lines": []}
    BREAKERS[rule] = lambda: AnswerChange.objects.create(**{**defaults, **fields})


change_with("change_cause_known", cause="weather")
change_with("change_has_a_summary", summary="")


def _reverses_itself() -> None:
    change = AnswerChange.objects.create(at=NOW, cause="status", summary="1 page changed", lines=[])
    change.reverses = change
    change.reversed_by = get_user_model().objects.create(username="ann")
    change.save()


def _reversed_by_nobody() -> None:
    first = AnswerChange.objects.create(at=NOW, cause="status", summary="1 page changed", lines=[])
    AnswerChange.objects.create(at=NOW, cause="status", summary="2", lines=[], reverses=first)


def _status_change(before: str, after: str) -> None:
    change = AnswerChange.objects.create(at=NOW, cause="status", summary="1 page changed", lines=[])
    study = make.make_study()
    StatusChange.objects.create(change=change, study=study, before=before, after=after)
    StatusChange.objects.create(change=change, study=study, before=before, after="concern")


BREAKERS["status_change_once_per_study"] = lambda: _status_change("current", "retracted")
BREAKERS["status_change_is_one"] = lambda: _status_change("current", "current")
BREAKERS["study_answered_status_known"] = lambda: make.make_study(answered_status="fine")
BREAKERS["notice_dismissal_is_whole"] = lambda: Notice.objects.create(
    study=make.make_study(),
    kind="concern",
    raw_kind="concern",
    registry="crossref",
    first_seen_at=NOW,
    dismissed_because="It is another paper.",
)
BREAKERS["registry_edition_registry_known"] = lambda: RegistryEdition.objects.create(
    registry="hearsay", version="1", accepted_at=NOW
)
BREAKERS["registry_edition_has_a_version"] = lambda: RegistryEdition.objects.create(
    registry="retraction_watch", version="", accepted_at=NOW
)
BREAKERS["change_reverses_another"] = _reverses_itself
BREAKERS["change_reversed_by_somebody"] = _reversed_by_nobody


def make_release(name: str = "2026-01-01", **fields) -> Release:
    return Release.objects.create(name=name, day="2026-01-01", made_at=NOW, content_sha256="0", **fields)


def make_release_file() -> ReleaseFile:
    release = Release.objects.first() or make_release()
    return ReleaseFile.objects.create(release=release, name="a.csv", content=b"a", size=1, sha256="0")


def _change_release() -> None:
    make_release()
    Release.objects.update(changes=["nothing"])


def _two_files() -> None:
    make_release_file()
    make_release_file()


BREAKERS["release_name_is_a_day"] = lambda: make_release("latest")
BREAKERS["release_never_changes"] = _change_release
BREAKERS["release_file_once"] = _two_files
BREAKERS["release_file_never_changes"] = lambda: make_release_file().delete()
