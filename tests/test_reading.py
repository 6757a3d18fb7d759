"""What a reader on a telephone reads: sentences and numbers that cannot be taken for something else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from conditions.domain.body import Body
from conditions.domain.certainty import judge
from conditions.domain.forest import LIGHT
from conditions.domain.forest_entry import ForestStudy
from conditions.domain.forest_table import summarise
from conditions.domain.timeline import Publication, draw_timeline
from conditions.models import Condition
from studies.domain.chart_axis import MARGIN, WIDTH, text_width
from studies.domain.path_words import say_paths, say_value
from studies.domain.vocabulary import LABELS, DesignGroup
from studies.models import Dose, Study
from tests import make
from tests.test_pages import read

ROOT = Path(__file__).resolve().parent.parent
# A word of a program: two words joined by a line, a part and its part, or an identifier's kind.
OF_PROGRAMS = re.compile(r"\b(?:[a-z]+_[a-z_]+|(?:arms|outcomes|side_effects|mesh)\.[\w.*]+|pmid)\b|\{'")
SAFE = re.compile(r"https?://\S+|/[\w/-]+/")


@pytest.mark.django_db
@pytest.mark.usefixtures("corpus")
class TestOverTheCorpus:
    def test_no_page_of_a_study_or_condition_shows_the_words_of_programs(self, client):
        rows = [*Study.objects.all(), *Condition.objects.all()]
        found = {}
        for row in rows:
            text = SAFE.sub("", read(client, row.get_absolute_url()).text)
            if words := OF_PROGRAMS.findall(text):
                found[row.get_absolute_url()] = words
        assert not found

    def test_the_table_of_answers_says_which_side_of_no_difference_is_better(self, client):
        text = read(client, "/conditions/multiple-sclerosis/").text
        assert "Mean difference 1.60 (95% CI 0.07 to 3.13). Above 0 is better for those on LDN." in text

    def test_questions_for_the_doctor_write_no_name_with_a_capital_amid_a_sentence(self, client):
        for path in ("/conditions/chronic-pain/", "/conditions/chronic-pain/sheet/"):
            assert "tested for my condition, and how sure is that?" in read(client, path).text

    def test_a_dose_that_several_arms_share_is_told_once_in_a_list(self, client):
        assert "dose not reported dose not reported" not in read(client, "/conditions/fibromyalgia/").text

    def test_a_review_counts_as_no_arm_that_was_given_a_dose(self, client):
        for path in ("/doses/", "/conditions/crohns-disease/"):
            page = read(client, path)
            assert not any(link.startswith("/studies/parker2018/#arms") for link in page.links), path

    def test_a_trial_with_two_arms_at_one_dose_is_named_once_beside_the_dose(self, client):
        page = client.get("/doses/").content.decode()
        planned = page[page.index('id="planned"') : page.index('id="never"')]
        assert planned.count("/studies/meadows2025/") == 1

    def test_a_difference_that_cannot_be_told_is_no_empty_place(self, client):
        text = read(client, "/studies/cree2010/").text
        assert "no count reported no count reported cannot be computed" in text

    def test_a_hint_that_a_filter_refers_to_is_on_the_page(self, client):
        page = client.get("/studies/").content.decode()
        referred = {name for each in re.findall(r'aria-describedby="([^"]*)"', page) for name in each.split()}
        assert referred
        assert referred <= set(re.findall(r'id="([^"]*)"', page))

    def test_thousands_are_set_apart_from_five_digits_on(self, client):
        for path in ("/studies/raknes2017b/", "/doses/", "/articles/cost-and-access/"):
            text = read(client, path).text
            assert "15,297" in text, path
            assert "15297" not in text, path
        assert "11,194" in read(client, "/studies/bolton2019/").text

    def test_a_share_and_the_count_beside_it_are_not_read_as_one_number(self, client):
        page = client.get("/studies/raknes2017b/").content.decode()
        assert re.search(r"0\.3.*% of population\s*<br>15,297; of how many is not reported", page)

    def test_what_a_protocol_plans_is_no_dose_that_was_given(self, client):
        assert "bruun2021 LDN planned: 6 mg a day" in read(client, "/conditions/fibromyalgia/").text
        sheet = read(client, "/conditions/fibromyalgia/sheet/").text
        assert "6 mg a day (3 randomised)" in sheet

    def test_a_trial_of_a_full_dose_is_not_counted_as_one_of_low_dose_without_a_word(self, client):
        says = "1 of them gave only doses above 6 mg, the most that is counted as low here."
        for path in ("/conditions/fibromyalgia/", "/conditions/fibromyalgia/sheet/"):
            assert f"6 randomised trials with 392 people enrolled. {says}" in read(client, path).text
        assert says not in read(client, "/conditions/multiple-sclerosis/").text

    def test_a_name_that_has_room_in_a_forest_plot_is_not_cut_in_german(self):
        numbers = "0,49 (\N{MINUS SIGN}0,32 bis 1,30)"
        assert text_width("rodriguezfreire2026") + text_width(numbers) <= WIDTH - 2 * MARGIN - LIGHT - 10

    def test_words_that_open_on_a_click_are_not_printed_as_a_list_of_nothing(self, client):
        page = client.get("/conditions/fibromyalgia/").content.decode()
        assert '<p class="note no-print">Words of this table:' in page

    def test_what_a_record_notes_of_a_trial_is_not_put_into_the_mouth_of_a_registry(self, client):
        text = read(client, "/trials/NCT04270877/").text
        assert "noted from the copy that was read: “published (registry copy seen: recruiting)”" in text
        assert "in the registry's words" not in text

    def test_the_list_of_conditions_does_not_call_studied_what_nobody_studied(self, client):
        text = read(client, "/conditions/").text
        assert "no study record yet" in text
        assert "for which low-dose naltrexone was studied" not in text
        assert "several can report one trial" in text

    def test_where_there_is_no_record_nobody_is_said_to_have_checked_none(self, client):
        text = read(client, "/conditions/interstitial-cystitis/").text
        assert "There is no study record for this condition here." in text
        assert "0 records" not in text

    def test_the_name_of_a_rule_is_said_to_be_one(self, client):
        text = read(client, "/claims/helps-fibromyalgia/").text
        assert "rule: trials-counted" in text

    def test_a_note_of_a_trial_writes_its_days_in_words(self, client):
        text = read(client, "/trials/NCT06366724/").text
        assert "registered 16 April 2024;" in text
        assert "2024-04-16" not in text


@pytest.mark.django_db
def test_a_german_page_sets_thousands_apart_as_german_does(client, settings):
    settings.LANGUAGE_CODE = "de"
    with translation.override("de"):
        make.make_study(n_enrolled=15297, title="Zzyzx")
        text = read(client, "/studies/?q=zzyzx").text
    assert "15.297 Personen" in text


@pytest.mark.django_db
def test_a_comparison_of_one_week_lasted_no_weeks(client):
    study = make.make_study()
    make.make_arm(study, dose_mg="4.5")
    arm = make.make_arm(study, role="placebo")
    Dose.objects.create(arm=arm, duration_weeks=1)
    assert "1 week " in read(client, study.get_absolute_url()).text + " "


@pytest.mark.django_db
def test_one_record_is_of_one_kind_and_one_paper_is_not_none_of_one(client):
    condition = make.make_condition()
    make.make_study(design="case_report", blinding="none", conditions=[condition])
    text = read(client, condition.get_absolute_url()).text
    assert "The 1 record below is of a kind that cannot show" in text
    assert "Publication status: 1 paper, not checked in any registry yet;" in text


@pytest.mark.django_db
def test_the_range_of_doses_that_were_given_leaves_out_what_is_only_planned(client):
    condition = make.make_condition()
    for design, dose_mg in (("rct_parallel", "3"), ("trial_protocol", "6")):
        make.make_arm(make.make_study(design=design, conditions=[condition]), dose_mg=dose_mg)
    text = read(client, condition.get_absolute_url()).text
    assert "3 mg a day, in every arm with a stated daily dose." in text


@pytest.mark.django_db
class TestFilteringStudies:
    def test_the_form_is_folded_once_something_was_chosen(self, client):
        page = client.get("/studies/?design=rct_crossover").content.decode()
        assert re.search(r'<details class="fold-narrow no-print"><summary>Filter the studies', page)

    def test_the_form_is_open_where_something_in_it_cannot_be_read(self, client):
        page = client.get("/studies/?year_min=nonsense").content.decode()
        assert re.search(r'<details class="fold-narrow no-print" open><summary>Filter the studies', page)

    def test_what_was_chosen_stands_above_the_studies(self, client):
        make.make_condition(slug="sore-toe", name="Sore toe")
        text = read(client, "/studies/?condition=sore-toe&year_min=2015&q=&design=").text
        assert "Chosen: Condition: Sore toe ; From year: 2015 ." in text

    def test_a_filter_that_cannot_be_read_is_not_called_one_that_nothing_fits(self, client):
        text = read(client, "/studies/?year_min=nonsense", status=400).text
        assert "Nothing was looked up" in text
        assert "0 studies" not in text
        assert "No record fits" not in text


@pytest.mark.django_db
def test_one_person_is_not_called_people(client):
    make.make_study(n_enrolled=1, design="case_report", blinding="none")
    assert re.findall(r"\b1 (?:people|person)\b", read(client, "/studies/").text) == ["1 person"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("outcomes.0.effect.ci_low", "lower end of the interval of outcome 1"),
        ("arms.1.dose", "dose of arm 2"),
        ("outcomes.*.direction", "direction of each outcome"),
        ("title", "title"),
        ("year (from the doi)", "year (from the DOI)"),
        ("see doi.org/10.1/a_b", "see doi.org/10.1/a_b"),
    ],
)
def test_a_part_of_a_record_is_named_in_words(path, words):
    assert say_paths(path) == words


@pytest.mark.parametrize(
    ("stored", "printed"), [({"decimal": "1.50"}, "1.50"), ([], "nothing"), (True, "yes"), (12, "12")]
)
def test_a_stored_value_is_printed_as_a_person_would_write_it(stored, printed):
    assert say_value(stored) == printed


def test_a_picture_with_one_study_does_not_say_studies():
    one = [ForestStudy("a2001", "/studies/a2001/", -1.0, -2.0, 0.5, 100.0)]
    assert summarise(one, one, []).startswith("1 study with an effect, 1 in the pool.")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_headings_in_a_picture_of_doses_fit_into_it(language):
    source = (ROOT / "templates/studies/_chart_doses.html").read_text()
    headings = [text for line in source.split("chart-head")[1:] for text in in_one_heading(line)]
    assert len(headings) >= 6
    with translation.override(language):
        for heading in headings:
            assert text_width(gettext(heading), is_bold=True) <= WIDTH, heading


def in_one_heading(line: str) -> list[str]:
    return re.findall(r'{% translate "([^"]+)" %}', line.partition("</text>")[0])


def test_every_reason_of_a_certainty_is_a_sentence():
    reasons = [step.reason for step in judge(Body(outcome="pain", studies=())).steps]
    assert all(reason[0].isupper() and reason.endswith(".") for reason in reasons)


def test_the_kinds_of_studies_are_whole_beside_the_years():
    for group in DesignGroup:
        drawn = draw_timeline([Publication("a2020", group, 2020)] * 12)
        assert drawn.lanes[0].label == f"{LABELS[group]}: 12"


class TestTheCookieOfTheForm:
    """Of the form for reporting a problem, the one cookie that a reader meets."""

    @pytest.mark.django_db
    def test_it_is_named_where_the_site_says_which_cookies_there_are_and_ends_with_the_browser(self, client):
        assert "one that the form for reporting a problem needs" in read(client, "/about/").text
        client.get("/problem/")
        assert client.cookies["csrftoken"]["max-age"] == ""
        assert client.cookies["csrftoken"]["expires"] == ""

    def test_a_reader_whose_browser_sends_none_is_told_so_in_words(self):
        answer = Client(enforce_csrf_checks=True).post("/problem/", {"page": "/", "words": "A number."})
        assert answer.status_code == 403
        assert "The form needs a cookie" in answer.content.decode()
        assert "CSRF" not in answer.content.decode()
