"""The API over the whole corpus: the facts, the filters, and a clear refusal for anything else."""

from __future__ import annotations

import pytest

from tests.api_calls import LISTS, cost, get, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def test_the_root_leads_to_every_list(client):
    for address in get(client, "").values():
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("name", "count"),
    [("studies", 185), ("conditions", 58), ("outcomes", 331), ("doses", 121), ("side-effects", 21),
     ("claims", 36), ("trials", 51), ("notices", 0), ("safety", 23)],
)  # fmt: skip
def test_every_list_holds_the_whole_corpus(client, name, count):
    assert get(client, f"{name}/?page_size=100")["count"] == count


def test_a_study_carries_its_numbers_with_the_printed_digits(client):
    study = get(client, "studies/bruun2024/")
    outcome = study["outcomes"][0]
    ldn = next(arm for arm in study["arms"] if arm["role"] == "intervention")
    result = next(row for row in outcome["results"] if row["side"] == "intervention")
    assert (result["value"], result["ci_low"], result["ci_high"], result["n"]) == (
        "-1.3",
        "-1.7",
        "-0.8",
        49,
    )
    assert result["arm"] == ldn["id"]
    assert outcome["effect"] == {
        "measure": "MD", "value": "-0.34", "ci_low": "-0.95", "ci_high": "0.27", "p": "0.27",
        "i2_percent": None, "better": None, "note": "Cohen's d 0.23",
    }  # fmt: skip
    assert outcome["provenance"] != []
    assert ldn["dose"]["amount_mg"] == "6"
    assert study["side_effects"][0]["counts"][0]["events"] in (41, 43)
    assert study["is_checked"] is False
    assert study["publication_status"] == "unknown"
    assert study["registry_checks"] == []
    assert "outcomes.1 numbers (one secondary copy only)" in study["unverified"]


def test_absent_is_null_and_never_zero(client):
    study = get(client, "studies/smith2011/")
    assert study["n_analysed"] is None
    assert study["outcomes"][0]["results"][0]["n"] is None


def test_a_trial_whose_number_holds_slashes_is_found(client):
    assert get(client, "trials/CTRI/2013/06/003735/")["results_key"] == "srinivasan2021"


def test_filters_narrow_the_lists(client):
    assert get(client, "studies/?design_group=randomised")["count"] == 28
    assert get(client, "studies/?condition=fibromyalgia&design_group=randomised")["count"] == 8
    assert get(client, "outcomes/?study=bruun2024")["count"] == 3
    assert get(client, "outcomes/?study=bruun2024&direction=favours_ldn")["count"] == 1
    assert get(client, "claims/?verdict=contradicted")["count"] == 1
    assert get(client, "trials/?has_results=true")["count"] == 23
    doses = get(client, "doses/?amount_mg_min=6&amount_mg_max=6&page_size=100")["results"]
    assert {row["dose"]["amount_mg"] for row in doses} == {"6"}
    assert {row["dose"]["band"] for row in doses} == {"4.5-to-6"}
    assert get(client, "doses/?band=4.5-to-6")["count"] >= len(doses)
    assert get(client, "studies/?year=2024")["count"] == 15


def test_another_drug_s_dose_is_not_listed_as_a_dose_of_ldn(client):
    arms = get(client, "doses/?study=srinivasan2021")["results"]
    assert arms != []
    assert not any("amitriptyline" in arm["name"].lower() for arm in arms)


def test_a_dose_per_kg_or_of_one_day_is_no_daily_dose_in_mg(client):
    daily = [row for n in (1, 2) for row in get(client, f"doses/?amount_mg_min=0&page={n}")["results"]]
    assert {row["dose"]["per"] for row in daily} == {"day"}
    assert None not in {row["dose"]["amount_mg"] for row in daily}
    autism = get(client, "doses/?study=scifo1996")["results"][0]["dose"]
    assert (autism["amount_mg"], autism["band"]) == (None, "mg-per-kg")


@pytest.mark.parametrize("ordering", ["year", "-year", "key", "-key"])
def test_every_order_meets_each_study_once_and_unknown_years_last(client, ordering):
    studies = [
        row for n in (1, 2, 3, 4) for row in get(client, f"studies/?ordering={ordering}&page={n}")["results"]
    ]
    assert len({row["key"] for row in studies}) == 185
    if "year" in ordering:
        known = [row["year"] for row in studies if row["year"] is not None]
        assert known == sorted(known, reverse=ordering == "-year")
        assert all(row["year"] is None for row in studies[len(known) :])
    else:
        assert [row["key"] for row in studies] == sorted(
            (row["key"] for row in studies), reverse=ordering == "-key"
        )


def test_every_address_in_an_answer_leads_somewhere(client):
    for name in LISTS:
        for row in get(client, f"{name}/?page_size=2")["results"]:
            assert client.get(row["url"]).status_code == 200, row["url"]
            assert client.get(row["page"]).status_code == 200, row["page"]


def test_every_number_says_where_it_was_read(client):
    study = get(client, "studies/younger2013/")
    for fact in [*study["outcomes"], *study["side_effects"]]:
        assert fact["provenance"] != []
    sources = {source["id"] for source in study["sources"]}
    read_in = {row["source"] for fact in study["outcomes"] for row in fact["provenance"]}
    assert read_in <= {*sources, None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("studies/?colour=blue", "colour"),
        ("studies/?design=hunch", "design"),
        ("studies/?year_min=abc", "year_min"),
        ("studies/?year_min=1e999", "year_min"),
        ("studies/?q=%00", "q"),
        ("outcomes/?study=nobody", "study"),
        ("doses/?amount_mg_min=NaN", "amount_mg_min"),
        ("trials/?condition=%00", "condition"),
        ("claims/?verdict=%F0%9F%92%A9", "verdict"),
        ("outcomes/?is_primary=banana", "is_primary"),
        ("trials/?has_results=2", "has_results"),
        ("studies/?is_checked=yes", "is_checked"),
        ("studies/?year_min=1999.5", "year_min"),
        ("studies/?design=animal&design=cohort", "design"),
        ("studies/?ordering=title", "ordering"),
        ("studies/?format=xml", "format"),
        ("studies/bruun2024/?fields=colour", "fields"),
        ("side-effects/?name=x", "name"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_name(client, query, field):
    assert field in refused(get(client, query, status=400))


@pytest.mark.parametrize("page", ["5", "99999999999999999999"])
def test_a_page_that_is_not_there_is_a_404(client, page):
    assert "no such page" in get(client, f"studies/?page={page}", status=404)["detail"]


@pytest.mark.parametrize("name", ["page", "page_size"])
@pytest.mark.parametrize("number", ["0", "-1", "x", "1.0", "last", "%00", "%EF%BC%91"])
def test_a_page_that_is_no_number_is_refused_by_name(client, name, number):
    answer = get(client, f"studies/?{name}={number}", status=400)
    assert refused(answer) == {name: "Give a whole number, 1 or more."}


@pytest.mark.parametrize(("size", "rows"), [("1", 1), ("100", 100), ("101", 100), ("1000000", 100)])
def test_no_answer_holds_more_than_a_hundred_rows(client, size, rows):
    answer = get(client, f"studies/?page_size={size}")
    assert (answer["count"], len(answer["results"])) == (185, rows)


@pytest.mark.parametrize(
    "path",
    [
        "studies/nobody1999/",
        "conditions/x/",
        "outcomes/99999999/",
        "outcomes/999999999999999999/",
        "outcomes/1234567890123456789012345/",
        "trials/x/",
        "trials/%00/",
        "trials/a%0Ab/",
        "claims/%00/",
        "nowhere/",
        "nowhere/at/all/",
    ],
)
def test_what_is_not_there_is_a_404(client, path):
    assert "detail" in get(client, path, status=404)


def test_a_single_study_costs_a_bounded_number_of_queries(client):
    for key in ("bruun2024", "younger2013", "scifo1996"):
        assert cost(client, f"studies/{key}/") <= 22
