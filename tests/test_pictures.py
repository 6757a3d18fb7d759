"""The pictures on the pages: described for those who cannot see them, told by more than colour, cheap."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from conditions.domain.forest import draw_forest
from conditions.domain.forest_entry import ForestPool, ForestQuestion, ForestStudy
from conditions.models import Condition
from studies.domain.vocabulary import Measure
from tests import make

PAGES = ["/doses/", "/side-effects/", "/side-effects/any-side-effect/", "/studies/bruun2024/"]
PAGES += [f"/conditions/{slug}/" for slug in ("fibromyalgia", "crohns-disease", "multiple-sclerosis")]
STYLED = re.compile(r"\.([a-z][a-z0-9_-]*)")


class Pictures(HTMLParser):
    """Each picture of a page that is for everyone: its attributes, title, description, texts and classes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "svg" and "chart" in (values.get("class") or "").split():
            self.found.append({"attrs": values, "title": "", "desc": "", "texts": [], "classes": set()})
            self.inside = []
        if self.found and "end" not in self.found[-1]:
            self.inside.append(tag)
            self.found[-1]["classes"] |= set((values.get("class") or "").split())
            assert "style" not in values
            if tag in ("title", "desc") and "id" in values:
                self.found[-1][f"{tag}_id"] = values["id"]

    def handle_data(self, data):
        if self.found and "end" not in self.found[-1] and self.inside:
            tag = self.inside[-1]
            if tag == "text":
                self.found[-1]["texts"].append(data)
            elif tag in ("title", "desc") and len(self.inside) == 2:
                self.found[-1][tag] += data

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if self.found and "end" not in self.found[-1]:
            self.inside.pop()

    def handle_endtag(self, tag):
        if self.found and "end" not in self.found[-1] and self.inside:
            assert self.inside.pop() == tag
            if tag == "svg":
                self.found[-1]["end"] = True


def pictures(page: str) -> list[dict]:
    return Pictures(page).found


def check_described(picture: dict) -> None:
    attrs = picture["attrs"]
    assert attrs["role"] == "img"
    assert attrs["aria-labelledby"] == f"{picture['title_id']} {picture['desc_id']}"
    assert picture["title"].strip()
    assert len(picture["desc"].strip()) > 20
    assert attrs["viewbox"].startswith("0 0 340")


@pytest.mark.django_db
@pytest.mark.usefixtures("corpus")
class TestOnThePages:
    @pytest.mark.parametrize("path", PAGES)
    def test_every_picture_says_what_it_shows(self, client, path):
        found = pictures(client.get(path).content.decode())
        assert found
        for picture in found:
            check_described(picture)

    def test_a_class_of_a_mark_is_styled(self, client, settings):
        css = (settings.BASE_DIR / "static/css/charts.css").read_text()
        known = set(STYLED.findall(css)) | {"is-gone", "mark", "light"}
        for path in PAGES:
            for picture in pictures(client.get(path).content.decode()):
                unknown = {c for c in picture["classes"] if c not in known}
                assert unknown <= {"mark-no_difference", "mark-unclear"}, path

    def test_the_condition_page_shows_results_doses_side_effects_and_years(self, client):
        titles = " ".join(
            p["title"] for p in pictures(client.get("/conditions/fibromyalgia/").content.decode())
        )
        for words in (
            "Directions of results",
            "Daily doses",
            "Side effects: people",
            "two groups of 100",
            "year",
        ):
            assert words in titles

    def test_each_direction_in_the_grid_has_its_letter_in_the_picture_and_its_words_beside_it(self, client):
        page = client.get("/conditions/fibromyalgia/").content.decode()
        grid = next(p for p in pictures(page) if p["title"].startswith("Directions"))
        assert {"L", "N", "?"} <= set(grid["texts"])
        for words in ("<strong>L</strong> Favours LDN", "<strong>N</strong> No difference shown"):
            assert words in page
        assert 'href="/studies/bruun2024/#outcome-0"><span class="label label-no_difference">' in page

    def test_the_dose_page_keeps_three_bands_apart_and_says_which_doses_nobody_was_given(self, client):
        page = client.get("/doses/").content.decode()
        (axis,) = (p for p in pictures(page) if p["title"].startswith("Daily doses"))
        texts = " ".join(axis["texts"])
        for words in ("Tested against a comparison", "Used in practice", "Never tested", "Titration"):
            assert words in texts
        assert "above 0 and below 0.125 mg" in page
        assert "polo2019: 1.5 → 3.0 → 4.5 mg" in texts

    def test_a_difference_is_drawn_and_told_with_its_interval(self, client):
        page = client.get("/side-effects/").content.decode()
        (rates,) = pictures(page)
        assert "bruun2024: any adverse event" in rates["texts"]
        assert "chart-null" in rates["classes"]
        assert "2 fewer in 100 on naltrexone (95% CI 17 fewer to 12 more)" in page

    def test_a_case_report_is_in_the_table_and_not_in_the_picture(self, client):
        page = client.get("/side-effects/").content.decode()
        assert "naumann2023" in page
        assert not any("naumann2023" in text for text in pictures(page)[0]["texts"])

    def test_a_hundred_people_stand_behind_a_disclosure_for_both_groups(self, client):
        page = client.get("/studies/bruun2024/").content.decode()
        details = page[page.index('<details class="icons">') :]
        icons = pictures(details[: details.index("</details>")])[0]
        assert icons["texts"] == ["Naltrexone", "Comparison"]
        assert "Naltrexone: 84 of 100; up to 91 of 100 would fit" in icons["desc"]

    def test_a_condition_without_studies_has_no_picture_and_says_so(self, client):
        empty = Condition.objects.filter(studies__isnull=True).first() or make.make_condition()
        page = client.get(empty.get_absolute_url()).content.decode()
        assert pictures(page) == []
        assert "There is no study record for this condition" in page


@pytest.mark.django_db
class TestByHand:
    def test_an_arm_or_count_of_a_retracted_study_is_not_drawn(self, client):
        condition = make.make_condition()
        gone = make.make_study(conditions=[condition], publication_status="retracted")
        make.make_arm(gone, dose_mg="4.5")
        both = {"intervention": {"events": 3, "n": 20}, "comparator": {"events": 1, "n": 20}}
        make.make_side_effect_report(gone, counts=both)
        page = client.get(condition.get_absolute_url()).content.decode()
        (timeline,) = pictures(page)
        assert "chart-gone" in timeline["classes"]
        assert "A crossed one was retracted" in page

    def test_pictures_ask_the_database_nothing(self, client):
        condition = make.make_condition()

        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(condition.get_absolute_url()).status_code == 200
            return len(queries)

        def fill(n: int) -> None:
            for _ in range(n):
                study = make.make_study(conditions=[condition])
                make.make_arm(study, dose_mg="4.5")
                make.make_outcome(study)
                make.make_side_effect_report(
                    study,
                    counts={"intervention": {"events": 3, "n": 20}, "comparator": {"events": 1, "n": 20}},
                )

        fill(1)
        for_one = cost()
        fill(15)
        assert cost() == for_one

    def test_a_mention_without_a_count_makes_no_picture(self, client):
        report = make.make_side_effect_report(make.make_study())
        assert pictures(client.get(report.side_effect.get_absolute_url()).content.decode()) == []


QUESTION = ForestQuestion("Pain", Measure.MD, "placebo", "points", True, minimal_important=0.5)
FOREST = [
    ForestStudy("bruun2024", "/studies/bruun2024/#outcome-0", -0.34, -0.95, 0.27, 60.0, "some_concerns"),
    ForestStudy(
        "smith2019", "/studies/smith2019/#outcome-1", -2.4, -9.0, -0.7, None, "high", True, "retracted"
    ),
    ForestStudy("<b>none</b>", "/studies/none2019/", reason="no standard deviation"),
]
POOLS = [ForestPool("Random effects", -0.3, -0.7, 0.1, -1.3, 0.8)]


class TestForest:
    def page(self) -> str:
        picture = draw_forest(QUESTION, FOREST, POOLS)
        return render_to_string("conditions/_chart_forest.html", {"picture": picture, "name": "forest"})

    def test_it_is_described_and_holds_each_study_in_picture_and_table(self):
        (picture,) = pictures(self.page())
        check_described(picture)
        assert "pain: mean difference in points, LDN against placebo" in picture["title"]
        assert {"bruun2024", "smith2019", "Random effects"} <= set(picture["texts"])
        assert {"← favours LDN", "favours placebo →"} <= set(picture["texts"])
        assert {"chart-pool", "chart-prediction", "chart-band", "chart-arrow", "chart-null"} <= picture[
            "classes"
        ]
        assert 'href="/studies/bruun2024/#outcome-0"' in self.page()

    def test_the_lights_are_letters_and_their_words_stand_below(self):
        (picture,) = pictures(self.page())
        assert {"C", "H"} <= set(picture["texts"])
        assert "<strong>C</strong> some concerns, <strong>H</strong> high risk." in self.page()

    def test_what_was_retracted_is_struck_in_picture_and_table_and_has_no_square(self):
        page = self.page()
        row = page[page.index('<g class="is-struck">') :]
        row = row[: row.index("</g>")]
        assert "smith2019" in row
        assert "<rect" not in row
        assert 'class="is-gone">smith2019</a>' in page
        assert "retracted, without weight" in page

    def test_text_of_a_record_is_escaped(self):
        assert "<b>none" not in self.page()
        assert "no standard deviation" in self.page()

    def test_without_anything_to_draw_there_is_nothing(self):
        assert "<svg" not in render_to_string("conditions/_chart_forest.html", {"picture": None, "name": "x"})
