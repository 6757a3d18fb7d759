"""The calculator of pools, from the request to the answer."""

from __future__ import annotations

import json

import hypothesis
import pytest
import schemathesis
from django.core.cache import cache

from conditions.api.pool import MOST_BYTES, PoolThrottle
from tests.api_calls import refused
from tests.conditions.domain.test_pooling import PUBLISHED, half_a_digit, name_of, pairs, rows_of
from tests.openapi import read_committed

ADDRESS = "/api/v1/pool/"
COLUMNS = {
    "2x2": ["events_e", "n_e", "events_c", "n_c"],
    "means": ["mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c"],
    "generic": ["effect", "variance"],
}
TRIAL = {"effect": -0.34, "variance": 0.0969}
TABLE = {"events_e": 4, "n_e": 123, "events_c": 11, "n_c": 139}
MEANS = {"mean_e": 11.7, "sd_e": 7.7, "n_e": 6, "mean_c": 17.8, "sd_c": 5.9, "n_c": 6}
FIELDS = {name for names in COLUMNS.values() for name in names} | {"kind", "measure", "method", "ci"}
CALCULATOR = schemathesis.openapi.from_dict(read_committed())[ADDRESS]["post"]
NOT_ABOUT_SPEED = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large]
CASES = [case for case in PUBLISHED["results"] if case["method"] != "effects" and "times" not in case]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch) -> None:
    monkeypatch.setattr(PoolThrottle, "rate", "100000/minute")
    cache.clear()


def ask(client, body, status: int = 200):
    text = body if isinstance(body, str) else json.dumps(body)
    answer = client.post(ADDRESS, text, content_type="application/json")
    assert answer.status_code == status, answer.content[:500]
    return answer.json()


def generic(*studies, **options):
    return {"kind": "generic", "measure": "MD", "studies": list(studies), **options}


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_published_results_come_out_of_the_same_door(client, case):
    kind = PUBLISHED["data"][case["data"]]["kind"]
    body = {
        "kind": kind,
        "measure": case["measure"],
        "method": case["method"],
        "ci": case["ci"],
        "level": 0.95,
        "studies": [dict(zip(COLUMNS[kind], row, strict=True)) for row in rows_of(case)],
    }
    if "pooled_sd" in case:
        body["equal_variances"] = case["pooled_sd"]
    if case["method"] in ("DL", "REML", "ML"):
        body["i2"] = "tau2"
    found = ask(client, body)
    found["z"] = found["t"] = found["z_or_t"]
    for name, wanted in case["recomputed"].items():
        if name.startswith("pi_"):
            continue
        for theirs, ours in pairs(wanted, found[name]):
            close = 1e-4 if case["method"] in ("REML", "ML") else 1e-6
            assert ours == pytest.approx(theirs, rel=close, abs=1e-9), name
    for name in {"estimate", "ci_low", "ci_high", "tau2"} & set(case["published"]):
        printed = case["published"][name]
        units = 6 if case["method"] in ("REML", "ML") else 1
        assert found[name] == pytest.approx(printed, abs=units * half_a_digit(printed) * 1.0001), name


def test_the_prediction_interval_is_of_the_kind_that_was_asked_for(client):
    case = next(c for c in CASES if c["data"] == "bcg" and c["measure"] == "RR" and c["method"] == "REML")
    studies = [dict(zip(COLUMNS["2x2"], row, strict=True)) for row in rows_of(case)]
    for kind in ("normal", "t_km1", "t_km2"):
        body = {"kind": "2x2", "measure": "RR", "method": "REML", "ci": "normal", "prediction": kind}
        found = ask(client, {**body, "studies": studies})
        low, high = case["recomputed"][f"pi_{kind}"]
        assert [found["prediction_low"], found["prediction_high"]] == pytest.approx([low, high], rel=1e-4)


def test_two_trials_by_default_get_the_guarded_interval(client):
    body = generic(TRIAL, {"effect": 0.49, "variance": 0.17})
    default = ask(client, body)
    assert default == ask(client, {**body, "method": "REML", "ci": "hartung_knapp_guarded"})
    assert default != ask(client, {**body, "method": "REML", "ci": "normal"})


def test_no_study_and_one_study_are_answers(client):
    nothing, one = ask(client, generic()), ask(client, generic(TRIAL))
    assert (nothing["k"], nothing["estimate"], nothing["note"]) == (
        0,
        None,
        "No study: there is nothing to pool.",
    )
    assert (one["k"], one["estimate"], one["tau2"], one["prediction_low"]) == (1, -0.34, None, None)
    assert one["note"] == "One study: its own result, nothing pooled."


def test_a_table_that_tells_nothing_keeps_its_place_without_a_weight(client):
    silent = {"events_e": 0, "n_e": 9, "events_c": 0, "n_c": 8}
    body = {"kind": "2x2", "measure": "OR", "method": "Peto", "studies": [TABLE, silent]}
    assert ask(client, body)["per_study"][1] == {"effect": 0.0, "variance": None, "weight_percent": 0.0}


def counts(**changes):
    return {"kind": "2x2", "measure": "RR", "method": "IV", "studies": [TABLE, {**TABLE, **changes}]}


REFUSED = {
    "nobody in an arm": (counts(n_e=0), "studies.1.n_e"),
    "more events than people": (counts(events_e=124), "studies.1.events_e"),
    "a negative count": (counts(events_c=-1), "studies.1.events_c"),
    "half a person": (counts(n_c=12.5), "studies.1.n_c"),
    "a number as text": (counts(n_c="139"), "studies.1.n_c"),
    "true for a number": (counts(n_c=True), "studies.1.n_c"),
    "a missing number": (generic({"effect": 1}), "studies.0.variance"),
    "a number too many": (generic({**TRIAL, "weight": 3}), "studies.0.weight"),
    "NaN": ('{"kind": "generic", "studies": [{"effect": NaN, "variance": 1}]}', "studies.0.effect"),
    "Infinity": (
        '{"kind": "generic", "studies": [{"effect": 1, "variance": Infinity}]}',
        "studies.0.variance",
    ),
    "1e999": ('{"kind": "generic", "studies": [{"effect": -1e999, "variance": 1}]}', "studies.0.effect"),
    "a huge integer": (generic({"effect": 10**400, "variance": 1}), "studies.0.effect"),
    "no variance": (generic({"effect": 1, "variance": 0}), "studies.0.variance"),
    "10,001 studies": (generic(*[TRIAL] * 10_001), "studies"),
    "no studies": ({"kind": "generic"}, "studies"),
    "studies that are no list": ({"kind": "generic", "studies": {"a": 1}}, "studies"),
    "a study that is no object": (generic(3), "studies.0"),
    "an unknown kind": ({"kind": "3x3", "studies": []}, "kind"),
    "no kind": ({"studies": []}, "kind"),
    "a list": ([], "kind"),
    "a text": ('"pool"', "kind"),
    "an unknown method": (generic(TRIAL, method="MH"), "method"),
    "an unknown measure": ({**counts(), "measure": "SMD"}, "measure"),
    "an unknown interval": (generic(TRIAL, ci="bootstrap"), "ci"),
    "a level of 1": (generic(TRIAL, level=1.0), "level"),
    "an unknown option": (generic(TRIAL, weights="mine"), "weights"),
    "Peto for a risk ratio": ({**counts(), "method": "Peto"}, "measure"),
    "Hartung and Knapp with Mantel and Haenszel": (
        {**counts(), "method": "MH", "ci": "hartung_knapp"},
        "ci",
    ),
    "no spread": (
        {"kind": "means", "measure": "MD", "studies": [{**MEANS, "sd_e": 0, "sd_c": 0}]},
        "studies.0.sd_e",
    ),
    "three people": (
        {"kind": "means", "measure": "MD", "studies": [{**MEANS, "n_e": 1, "n_c": 2}]},
        "studies.0.n_e",
    ),
    "no event on one side": (
        {"kind": "2x2", "measure": "RR", "method": "MH", "studies": [{**TABLE, "events_e": 0}]},
        "studies",
    ),
    "no one without the event": (
        {"kind": "2x2", "measure": "RD", "studies": [{"events_e": 3, "n_e": 3, "events_c": 0, "n_c": 2}]},
        "studies",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_with_its_field(client, name):
    body, field = REFUSED[name]
    assert field in refused(ask(client, body, status=400))


@hypothesis.given(CALCULATOR.as_strategy())
@hypothesis.settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, *NOT_ABOUT_SPEED],
)
def test_whatever_the_schema_allows_is_answered_or_refused_by_a_field_of_the_request(client, case):
    body = case.body if isinstance(case.body, dict) else {}  # none at all may be sent, too
    answer = client.post(ADDRESS, json.dumps(body) if body else "", content_type="application/json")
    if answer.status_code == 200:
        return
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert errors
    for error in errors:
        here = body
        for step in error["field"].split("."):
            # A field that the request has, or may have.
            assert isinstance(here, list) or step in here or step in FIELDS, error
            here = here[int(step)] if isinstance(here, list) else here.get(step, {})


def test_a_calculation_that_fails_names_the_studies_it_fails_on(client, monkeypatch):
    def fail(_):
        raise ArithmeticError("it does not converge")

    monkeypatch.setattr("conditions.domain.pool_answer.answer_pool", fail)
    assert "does not converge" in refused(ask(client, generic(TRIAL, TRIAL), 400))["studies"]


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\udcff", '{"kind": ' + "9" * 5000 + "}"])
def test_what_is_no_json_is_refused(client, text):
    raw = text.encode("utf-8", "surrogateescape")
    assert client.post(ADDRESS, raw, content_type="application/json").status_code == 400


def test_numbers_at_the_ends_of_what_is_allowed_are_answered_or_refused(client):
    far = [
        {"effect": 1e9, "variance": 1e-12},
        {"effect": -1e9, "variance": 1e12},
        {"effect": 0, "variance": 1},
    ]
    for method in ("IV", "DL", "PM", "REML", "ML"):
        text = json.dumps(generic(*far, method=method))
        assert client.post(ADDRESS, text, content_type="application/json").status_code in (200, 400)


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(client):
    raw = b" " * (MOST_BYTES + 1)
    assert client.post(ADDRESS, raw, content_type="application/json").status_code == 413


def test_ten_thousand_studies_are_pooled(client):
    studies = [{"effect": (n % 7) / 10, "variance": 0.1 + (n % 5) / 10} for n in range(10_000)]
    assert ask(client, generic(*studies))["k"] == 10_000


@pytest.mark.django_db
def test_other_methods_and_formats_are_refused(client):
    assert client.get(ADDRESS).status_code == 405
    assert client.post(ADDRESS, "kind=generic", content_type="text/plain").status_code == 415
    assert client.post(f"{ADDRESS}?measure=MD", "{}", content_type="application/json").status_code == 400


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(client, monkeypatch):
    monkeypatch.setattr(PoolThrottle, "rate", "2/minute")
    answers = [client.post(ADDRESS, "{}", content_type="application/json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"2"}
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert 0 < int(answers[2]["RateLimit-Reset"]) <= 60
    assert answers[2].json()["status"] == 429


def test_without_redis_calculations_go_on(client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert ask(client, generic(TRIAL))["k"] == 1
