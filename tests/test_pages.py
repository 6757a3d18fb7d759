"""Every page of the site over the whole corpus: reachable, complete, light on the database, on its own."""

from __future__ import annotations

import html
import re
from collections import deque
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit
from zlib import crc32

import pytest
from django.db import connection
from django.template import Context, Template
from django.template import base as template_base
from django.template.base import render_value_in_context
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conditions.models import Claim, Condition, SafetyFact
from studies.domain.dosing import describe_amount
from studies.domain.path_words import say_paths
from studies.models import SideEffect, Study, Trial
from tests import make

# One of them asks what editors have answered at the foot of the page.
MOST_QUERIES = 13
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta"}

# "None of these" at the beginning of a text or a sentence, not "None of 42" and not "of None".
NONE_OF_ENGLISH = re.compile(r"(?:^\s*|[.!?:;]\s+|[(\"“])None (?=[a-z]+ [a-z])")


class PageReader(HTMLParser):
    """Links, ids, addresses that a browser would load, text, and whether every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.headings: list[str] = []
        self.inline: list[str] = []
        self.open_tags: list[str] = []
        self.unclosed: list[str] = []
        self.words: list[str] = []
        self.is_data = False
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.is_data = tag == "script"
        if tag not in VOID:
            self.open_tags.append(tag)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        is_named_only = tag == "link" and values.get("rel") in ("canonical", "alternate")
        if (
            tag in ("link", "script", "img", "iframe", "source", "video")
            and (values.get("src") or values.get("href"))
            and not is_named_only
        ):
            self.loads.append(values.get("src") or values.get("href"))
        if "id" in values:
            self.ids.append(values["id"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(tag)
        if (
            "style" in values
            or any(name.startswith("on") for name in values)
            or (tag == "script" and "src" not in values and values.get("type") != "application/ld+json")
        ):
            self.inline.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open_tags.pop()

    def handle_endtag(self, tag):
        self.is_data = False
        if not self.open_tags or self.open_tags.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data):
        if not self.is_data:
            self.words.append(data)

    def nones(self) -> list[str]:
        """Pieces of text that hold Python's None, which is not the word that begins an English sentence."""
        return [piece for piece in self.words if re.search(r"\bNone\b", NONE_OF_ENGLISH.sub("", piece))]


def read(client: Client, path: str, status: int = 200) -> PageReader:
    answer = client.get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    return PageReader(answer.content.decode())


@pytest.fixture
def no_none_printed(monkeypatch):
    """A template that prints the value of a variable which is None fails, whatever words stand around it."""

    def render(value, context):
        assert value is not None, f"{context.template.name} prints None"
        return render_value_in_context(value, context)

    monkeypatch.setattr(template_base, "render_value_in_context", render)


@pytest.mark.parametrize(
    "piece", ["None", " None mg", "n = None", "None of 42", "of None", "None, 2020", "(None)"]
)
def test_a_none_of_python_is_found_in_a_text(piece):
    assert PageReader(f"<p>{piece}</p>").nones()


@pytest.mark.parametrize("piece", ["None of these can tell.", "It is so. None was found in any."])
def test_the_english_word_none_may_begin_a_sentence(piece):
    assert not PageReader(f"<p>{piece}</p>").nones()


@pytest.mark.usefixtures("no_none_printed")
def test_a_template_that_prints_none_is_caught():
    with pytest.raises(AssertionError, match="prints None"):
        Template("{{ amount }} of these").render(Context({"amount": None}))


@pytest.mark.django_db
@pytest.mark.usefixtures("corpus")
class TestOverTheCorpus:
    @pytest.mark.usefixtures("no_none_printed")
    def test_every_internal_link_leads_to_a_sound_page(self, client):
        """No 404, no 500, no unescaped text, nothing from elsewhere, one h1, ids unique, tags closed."""
        seen, waiting, pages = {"/"}, deque(["/"]), {}
        while waiting:
            path = waiting.popleft()
            answer = client.get(path, follow=True)
            assert answer.status_code == 200, path
            if "text/html" not in answer["Content-Type"]:
                continue
            page = PageReader(answer.content.decode())
            pages[path] = page
            assert not page.unclosed, f"{path}: unclosed {page.unclosed}"
            assert not page.inline, f"{path}: inline {page.inline}"
            assert all(urlsplit(load).netloc == "" for load in page.loads), path
            if not path.startswith("/api/"):
                assert page.headings.count("h1") == 1, path
                assert len(page.ids) == len(set(page.ids)), path
                assert not re.search(r"&(amp|lt|gt|quot|#x27);|<[a-z]+>|\{[{%]", page.text), path
                assert not page.nones(), path
            for link in page.links:
                target = urldefrag(urljoin(path, link)).url
                # One form, whatever page it is about.
                target = "/problem/?page=/about/" if target.startswith("/problem/?") else target
                if target.endswith("/what-if/") and crc32(target.encode()) % 8:
                    continue  # each rehearsal computes all answers anew: some of them are enough
                if re.search(r"/(export|references)\.", target):
                    continue  # files, not pages: tests/studies/test_exports.py
                if urlsplit(target).netloc == "" and not target.startswith("/static/") and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        assert len(pages) > 185 + 58 + 36 + 51
        assert any(path.endswith("/what-if/") for path in pages)
        self.check_fragments(pages)

    def check_fragments(self, pages):
        for path, page in pages.items():
            for link in page.links:
                target, fragment = urldefrag(urljoin(path, link))
                if fragment and target in pages:
                    assert fragment in pages[target].ids, f"{path} -> {link}"

    def test_every_study_page_holds_its_title_doses_outcomes_counts_and_doubts(self, client):
        for study in Study.objects.with_everything():
            text = read(client, study.get_absolute_url()).text
            expected = [study.title, study.conclusion, *study.limitations, *map(say_paths, study.unverified)]
            expected += [outcome.name for outcome in study.outcomes.all()]
            expected += [arm.name for arm in study.arms.all()]
            expected += [
                describe_amount(arm.dose)
                for arm in study.arms.all()
                if arm.role == "intervention" and hasattr(arm, "dose")
            ]
            expected += [report.reported_name for report in study.side_effect_reports.all()]
            expected += [str(study.doi)] * bool(study.doi) + [str(study.pmid)] * bool(study.pmid)
            for report in study.side_effect_reports.all():
                expected += [
                    f"{c.events} of {c.n}" for c in report.counts.all() if c.events is not None and c.n
                ]
                expected += [f"{c.percent}%" for c in report.counts.all() if c.percent is not None]
            for entry in expected:
                assert " ".join(str(entry).split()) in text, f"{study.key}: {entry}"
            for outcome in study.outcomes.all():
                for result in outcome.results.all():
                    shown = [result.value, result.sd, result.ci_low, result.ci_high]
                    for number in shown:
                        assert number is None or str(number).replace("-", "\N{MINUS SIGN}") in text, study.key

    def test_every_study_page_says_that_no_second_person_has_checked_it(self, client):
        sentence = "No second person has checked this record against the full paper yet"
        for study in Study.objects.all()[:10]:
            assert sentence in read(client, study.get_absolute_url()).text

    def test_a_checked_record_says_by_whom_and_when(self, client, django_user_model):
        study = Study.objects.get(key="bruun2024")
        study.checked_by = django_user_model.objects.create(username="second-reader")
        study.checked_on = "2026-11-23"
        study.save()
        text = read(client, study.get_absolute_url()).text
        assert "Checked against the paper by second-reader on 23 November 2026" in text
        assert "No second person" not in text

    def test_every_page_leads_to_the_safety_page_and_says_that_it_is_no_advice(self, client):
        paths = [
            "/",
            "/conditions/",
            "/studies/",
            "/doses/",
            "/side-effects/",
            "/claims/",
            "/trials/",
            "/safety/",
        ]
        paths += ["/changes/", "/methods/", "/about/", "/search/?q=pain", "/conditions/fibromyalgia/"]
        for path in paths:
            page = read(client, path)
            assert "Not medical advice" in page.text, path
            assert any(link.startswith("/safety/") for link in page.links), path

    def test_the_condition_page_counts_reports_of_one_trial_once(self, client):
        text = read(client, "/conditions/fibromyalgia/").text
        assert "tested for this in 6 randomised trials with 392 people enrolled" in text
        assert "They fill 8 records" in text

    def test_a_condition_without_a_randomised_trial_says_that_nobody_knows(self, client):
        assert "Nobody knows." in read(client, "/conditions/psoriasis/").text

    def test_one_dose_is_not_told_as_a_range(self, client):
        text = read(client, "/conditions/hiv/").text
        assert "3.5 mg a day, in every arm with a stated daily dose." in text
        assert "From 4.5 to 6 mg a day" in read(client, "/conditions/fibromyalgia/").text
        text = read(client, "/conditions/sjogrens-syndrome/").text
        assert (
            "No arm that was given naltrexone has a stated daily dose in mg. What is on record, as a table"
            in text
        )

    def test_a_trial_to_which_phases_do_not_apply_says_so_in_words(self, client):
        assert "N/A" not in read(client, "/trials/NCT00568555/").text
        assert "N/A" not in read(client, "/search/?q=NCT00568555+fibromyalgia").text

    def test_a_paper_that_no_registry_was_asked_about_is_not_shown_as_clean(self, client):
        text = read(client, "/studies/bruun2024/").text
        assert "not yet checked in any registry; nothing is known of corrections or a retraction" in text

    def test_a_percentage_without_a_denominator_stays_as_printed(self, client):
        assert "7.3%; of how many is not reported" in read(client, "/studies/polo2019/").text

    def test_nobody_of_42_is_an_upper_bound_and_not_none(self, client):
        assert "0 of 42; that fits with up to about 8 in 100" in read(client, "/studies/afshari2020/").text

    def test_mg_per_kg_stays_mg_per_kg(self, client):
        assert "0.5 mg per kg of body weight a day" in read(client, "/studies/bouvard1995/").text

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/conditions/",
            "/conditions/fibromyalgia/",
            "/conditions/fibromyalgia/sheet/",
            "/studies/",
            "/studies/?condition=fibromyalgia&design_group=randomised",
            "/studies/bruun2024/",
            "/doses/",
            "/side-effects/",
            "/side-effects/any-side-effect/",
            "/claims/",
            "/claims/helps-fibromyalgia/",
            "/trials/",
            "/trials/NCT00568555/",
            "/safety/",
            "/search/?q=fibromyalgia+pain",
            "/changes/",
        ],
    )
    def test_no_page_costs_more_than_thirteen_queries(self, client, path):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert len(queries) <= MOST_QUERIES, [query["sql"][:90] for query in queries]

    def test_a_study_says_that_its_doses_are_above_low_only_where_all_stated_ones_are(self, client):
        words = "is above 6 mg, the most that is counted as low here"
        assert words in read(client, "/studies/younger2009b/").text
        assert words not in read(client, "/studies/younger2013/").text

    def test_blinding_is_named_only_where_a_treatment_was_given_by_plan(self, client):
        assert "Double-blind" in read(client, "/studies/bruun2024/").text
        review = Study.objects.published().of_group("review").first()
        assert review.get_blinding_display() not in read(client, review.get_absolute_url()).text

    def test_the_registries_are_called_by_their_names(self, client):
        assert "PubMed" in read(client, "/changes/").text

    def test_lists_hold_everything_published(self, client):
        text = read(client, "/conditions/").text
        for condition in Condition.objects.all():
            assert condition.name in text
        text = read(client, "/claims/").text
        for claim in Claim.objects.all():
            assert " ".join(claim.statement.split()) in text
        text = read(client, "/trials/").text
        for trial in Trial.objects.all():
            assert trial.registry_id in text
        text = read(client, "/safety/").text
        for fact in SafetyFact.objects.all():
            assert " ".join(fact.detail.split()) in text
        text = read(client, "/side-effects/").text
        for effect in SideEffect.objects.all():
            assert effect.name in text

    def test_filters_of_the_studies_narrow_the_list(self, client):
        def count(query: str) -> int:
            return int(
                re.search(r"<strong>(\d+)</strong> stud", client.get(f"/studies/?{query}").content.decode())[
                    1
                ]
            )

        assert count("") == 185
        assert count("design_group=randomised") == 28
        assert count("condition=fibromyalgia") == 39
        assert count("condition=fibromyalgia&design_group=randomised") == 8
        assert count("design=animal") == 8
        assert count("year_min=2024&year_max=2024") == 15
        assert count("dose_band=3-to-4.5") == count("dose_band=3-to-4.5&has_numbers=true") + count(
            "dose_band=3-to-4.5&has_numbers=false"
        )
        assert count("q=fibromyalg") >= 30

    @pytest.mark.parametrize(
        "query", ["condition=nowhere", "design=x", "year_min=abc", "dose_band=9", "q=%00"]
    )
    def test_a_filter_that_makes_no_sense_is_answered_with_its_name(self, client, query):
        answer = client.get(f"/studies/?{query}")
        assert answer.status_code == 400
        assert "errorlist" in answer.content.decode()

    @pytest.mark.parametrize("page", ["0", "-1", "abc", "999999999999999999999", "2"])
    def test_any_page_number_is_answered(self, client, page):
        assert client.get(f"/studies/?page={page}").status_code == 200

    @pytest.mark.parametrize(
        "path",
        [
            "/studies/nobody1999/",
            "/conditions/x/",
            "/claims/x/",
            "/trials/x/",
            "/side-effects/x/",
            "/nowhere",
        ],
    )
    def test_what_is_not_there_is_a_404_with_a_way_on(self, client, path):
        assert "There is no such page" in read(client, path, status=404).text


@pytest.mark.django_db
class TestByHand:
    def test_drafts_are_nowhere(self, client):
        condition = make.make_condition()
        draft = make.make_study(
            status="draft", conditions=[condition], title="A secret study", registry_ids=["NCT1"]
        )
        make.make_arm(draft, dose_mg="4.5")
        report = make.make_side_effect_report(draft)
        claim = make.make_claim()
        claim.evidence.create(study=draft, stance="supports")
        fact = make.make_safety_fact()
        fact.fact_studies.create(study=draft)
        trial = make.make_trial(results=draft)
        claim.claim_conditions.create(condition=condition)
        trial.trial_conditions.create(condition=condition)
        paths = [
            "/",
            condition.get_absolute_url(),
            "/studies/",
            "/doses/",
            "/side-effects/",
            "/search/?q=secret",
        ]
        paths += [report.side_effect.get_absolute_url(), claim.get_absolute_url(), trial.get_absolute_url()]
        paths += ["/claims/", "/trials/", "/safety/", "/changes/"]
        for path in paths:
            text = client.get(path).content.decode()
            assert draft.key not in text, path
            assert "A secret study" not in text, path
        assert client.get(draft.get_absolute_url()).status_code == 404

    def test_text_from_a_record_is_escaped(self, client):
        study = make.make_study(title="A <script>alert(1)</script> & more", conclusion="<b>bold</b>")
        page = client.get(study.get_absolute_url()).content.decode()
        assert "<script>alert" not in page
        assert html.escape("A <script>alert(1)</script> & more") in page

    def test_a_retraction_stands_first_with_its_notice(self, client):
        study = make.make_study(publication_status="retracted")
        make.make_claim().evidence.create(study=study, stance="supports")
        study.notices.create(
            kind="retraction",
            raw_kind="retraction",
            notice_doi="10.1/n",
            registry="crossref",
            asserted_by="publisher",
            dated_on="2024-02-03",
            first_seen_at="2026-11-23T00:00Z",
        )
        text = read(client, study.get_absolute_url()).text
        assert (
            text.index("Retraction , 3 February 2024") < text.index("What they did and found")
            if ("Retraction , 3 February 2024" in text)
            else text.index("Retraction, 3 February 2024") < text.index("What they did and found")
        )
        assert "reported by Crossref, source publisher" in text
        assert "It counts for none of these claims and pools: it was taken back." in text
        assert "What if it were retracted?" not in text

    @pytest.mark.parametrize(
        "path", ["/studies/", "/conditions/", "/claims/", "/trials/", "/doses/", "/search/?q=trial"]
    )
    def test_a_list_costs_the_same_for_one_row_and_for_a_hundred(self, client, path):
        def fill(n: int) -> None:
            for _ in range(n):
                condition = make.make_condition()
                study = make.make_study(conditions=[condition])
                make.make_arm(study, dose_mg="4.5")
                claim = make.make_claim()
                claim.evidence.create(study=study, stance="context")
                claim.claim_conditions.create(condition=condition)
                make.make_trial(results=study).trial_conditions.create(condition=condition)

        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            return len(queries)

        fill(1)
        for_one = cost()
        fill(99)
        assert cost() == for_one <= MOST_QUERIES

    def test_answers_carry_the_security_headers(self, client):
        answer = client.get("/")
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_a_percentage_and_a_count_of_an_unknown_number_stand_in_the_table_of_all_side_effects(client):
    for count in ({"n": 97, "percent": "48.5"}, {"events": 13}):
        study = make.make_study(design="chart_review", blinding="none")
        make.make_side_effect_report(study, counts={"intervention": count})
    page = client.get("/side-effects/").content.decode()
    assert "48.5% of 97, as printed" in page
    assert "13; of how many is not reported" in page
