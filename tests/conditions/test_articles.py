"""Articles saved, refused, refreshed, loaded, dumped and shown."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions.domain.article import read_article
from conditions.models import Article, Condition
from conditions.services import article_rendering
from conditions.services.article_entries import fill_article_row, save_loaded_articles
from conditions.services.articles import refresh_articles, render_all, save_article
from conditions.services.corpus import CorpusRefusedError, dump_files, load_corpus, read_directory
from conditions.tasks import refresh_all_answers
from studies.models import Arm, Study
from tests.conditions.article_files import OF_A_CONDITION, OF_ITS_OWN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)
SAFETY = "See [the safety page](/safety/)."


@pytest.fixture(autouse=True)
def _no_other_articles(corpus):
    """These tests are about their own articles, whatever the corpus holds."""
    Article.objects.all().delete()


def load(text: str = OF_A_CONDITION, now: datetime = NOW) -> Article:
    slug = text.split("slug: ")[1].split("\n")[0]
    record, complaints = read_article(text.encode(), f"articles/{slug}.md")
    assert complaints == []
    row = fill_article_row(record=record, row=None, loaded_record=record.model_dump())
    save_loaded_articles(rows=[row], now=now)
    return row


def with_patient_text(text: str) -> str:
    return f"## For patients\n\n{text}\n\n{SAFETY}\n\n## For clinicians\n\nNothing else is known.\n"


def save_text(text: str, **options) -> Article:
    article = Article(slug="a-test", title="A test", summary="What is known.", body=with_patient_text(text))
    save_article(article=article, **{"publish": True, "now": NOW, **options})
    return article


def problems_of(article: Article) -> list[str]:
    return [finding["problem"] for finding in article.findings]


class TestRendering:
    def test_figures_are_the_records_numbers_and_lead_to_them(self):
        article = load()
        assert article.status == "published"
        assert article.findings == []
        assert '<a class="figure" href="/conditions/fibromyalgia/#studies" rel="noreferrer">6</a>' in (
            article.patient_html
        )
        effect = "MD \N{MINUS SIGN}0.34 (95% CI \N{MINUS SIGN}0.95 to 0.27)"
        assert f'href="/studies/bruun2024/#outcome-0" rel="noreferrer">{effect}</a>' in article.clinician_html
        assert [figure["text"] for figure in article.figures][:3] == ["6", "392", "99"]

    def test_citations_are_numbered_in_order_and_lead_to_the_references(self):
        article = load()
        assert '<a href="#article-ref-bruun2024" role="doc-biblioref" rel="noreferrer">1</a>' in (
            article.patient_html
        )
        assert article.references_html.index("ref-bruun2024") < article.references_html.index(
            "ref-younger2013"
        )
        assert 'href="/studies/younger2013/">Record</a>' in article.references_html

    def test_what_an_article_brings_of_script_and_markup_does_not_reach_the_page(self):
        article = save_text(
            "<script>alert(1)</script> [click](javascript:alert(2)) ![p](https://x.example/p.png)\n\n"
            "`[]{.figure kind=people condition=fibromyalgia}` []{onclick=alert(3)}\n\n"
            "```{=html}\n<b>raw</b>\n```"
        )
        assert article.status == "draft"
        html = article.patient_html
        assert not any(word in html for word in ("<script", "javascript:", "<img", "onclick", "<b>"))

    def test_a_mark_in_code_is_shown_as_it_is_typed(self):
        article = save_text("Write `[]{.figure kind=people condition=fibromyalgia}` for a figure.")
        assert "<code>[]{.figure kind=people condition=fibromyalgia}</code>" in article.patient_html
        assert article.figures == []

    def test_markup_in_a_record_is_text_in_the_article(self):
        arm = Arm.objects.select_related("dose").get(study__key="bruun2024", position=0)
        arm.dose.amount_mg, arm.dose.range_text = None, "<b>1-2</b>"
        arm.dose.save()
        article = load()
        assert "&lt;b&gt;1 to 2&lt;/b&gt; mg a day" in article.clinician_html

    def test_reading_a_page_runs_no_pandoc(self, client, monkeypatch):
        load()
        monkeypatch.delattr(article_rendering.subprocess, "run")
        assert "was tested in" in client.get("/conditions/fibromyalgia/").content.decode()

    def test_a_web_process_imports_neither_textstat_nor_pkg_resources_at_its_start(self):
        code = (
            "import sys, ldn_kb.asgi; from django.urls import get_resolver; get_resolver().url_patterns; "
            "import conditions.views; print({'textstat', 'pkg_resources'} & set(sys.modules))"
        )
        answer = subprocess.run(
            [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
        )
        assert answer.stdout.strip() == "set()"


class TestSaving:
    def test_a_text_with_findings_is_kept_as_a_draft_with_them(self, client):
        article = save_text("LDN helps. It had 31 people.")
        assert article.status == "draft"
        assert len(article.findings) == 2
        assert article.findings[0].keys() == {"line", "problem", "mend"}
        assert client.get("/articles/a-test/").status_code == 404

    def test_a_mended_text_is_published(self):
        article = save_text("LDN helps.")
        article.body = with_patient_text("Nobody knows if it helps.")
        assert save_article(article=article, publish=True, now=LATER) == []
        assert article.status == "published"

    def test_each_changed_text_is_kept_and_the_same_text_twice_is_kept_once(self, django_user_model):
        editor = django_user_model.objects.create(username="ada")
        article = save_text("Nobody knows.")
        save_article(article=article, publish=True, now=LATER, editor=editor)
        assert article.revisions.count() == 1
        article.body += "\nMore.\n"
        save_article(article=article, publish=True, now=LATER, editor=editor, note="more")
        newest = article.revisions.first()
        assert (newest.saved_by, newest.note, newest.body) == (editor, "more", article.body)
        assert article.revisions.count() == 2

    def test_a_review_is_of_one_text_and_ends_with_it(self):
        article = save_text("Nobody knows.")
        article.reviewed_by, article.reviewed_on = "Dr A, physician", NOW.date()
        save_article(article=article, publish=True, now=LATER)
        assert article.reviewed_by == "Dr A, physician"
        article.body += "\nMore.\n"
        save_article(article=article, publish=True, now=LATER)
        assert (article.reviewed_by, article.reviewed_on) == (None, None)


class TestRefreshing:
    def test_a_changed_record_reaches_the_articles_text(self):
        load()
        Study.objects.filter(key="bruun2024").update(n_enrolled=500)
        changed = refresh_articles(conditions=[Condition.objects.get(slug="fibromyalgia")], now=LATER)
        article = Article.objects.get()
        assert [row.slug for row in changed] == ["fibromyalgia"]
        assert ">500</a>" in article.patient_html
        assert ">793</a>" in article.patient_html
        assert (article.rendered_at, article.text_saved_at) == (LATER, NOW)

    def test_nothing_changed_means_no_pandoc_and_no_write(self, monkeypatch):
        load()
        load(OF_ITS_OWN)
        monkeypatch.delattr(article_rendering.subprocess, "run")
        with CaptureQueriesContext(connection) as queries:
            assert refresh_articles(now=LATER) == []
        assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT"))]
        assert len(queries) <= 20

    def test_the_number_of_queries_does_not_grow_with_the_articles(self):
        load()
        with CaptureQueriesContext(connection) as one:
            refresh_articles(now=LATER)
        for number in range(5):
            text = OF_A_CONDITION.replace("slug: fibromyalgia", f"slug: copy-{number}")
            load(text.replace("\ncondition: fibromyalgia", ""))
        with CaptureQueriesContext(connection) as six:
            refresh_articles(now=LATER)
        assert len(six) == len(one)

    def test_an_article_that_leans_on_other_conditions_is_not_asked(self):
        load()
        Study.objects.filter(key="bruun2024").update(n_enrolled=77)
        assert refresh_articles(conditions=[Condition.objects.get(slug="psoriasis")], now=LATER) == []

    def test_an_article_that_counts_over_all_conditions_follows_a_change_of_any_study(self):
        body = OF_ITS_OWN.replace(
            "See\n[the safety", "[]{.figure kind=people condition=all} people. See\n[the safety"
        )
        article = load(body)
        assert "all" in article.leans_on
        before = article.figures[0]["text"]
        Study.objects.filter(key="lajevardi2020").update(n_enrolled=1034)
        changed = refresh_articles(conditions=[Condition.objects.get(slug="lichen-planopilaris")], now=LATER)
        assert [row.slug for row in changed] == ["what-it-is"]
        assert Article.objects.get().figures[0]["text"] == str(int(before) + 1000)

    def test_a_retraction_marks_the_article_and_tells_the_editors_and_can_be_taken_back(self, client):
        load()
        Study.objects.filter(key="younger2013").update(publication_status="retracted")
        refresh_articles(now=LATER)
        article = Article.objects.get()
        assert article.status == "published"
        assert article.gone_studies == ["younger2013"]
        assert "@younger2013 is retracted and the sentence does not say so" in problems_of(article)
        assert "label-retracted" in article.references_html
        assert "A cited paper was taken back" in client.get("/conditions/fibromyalgia/").content.decode()
        Study.objects.filter(key="younger2013").update(publication_status="current")
        refresh_articles(now=LATER)
        assert "taken back" not in client.get("/conditions/fibromyalgia/").content.decode()

    def test_a_number_that_went_away_is_said_to_be_missing(self):
        load()
        Study.objects.filter(key="bruun2024").update(n_enrolled=None, n_analysed=None)
        refresh_articles(now=LATER)
        assert "[the record of bruun2024 holds no number of people]" in Article.objects.get().patient_html

    def test_the_hourly_task_follows_the_records(self):
        load()
        Study.objects.filter(key="bruun2024").update(n_enrolled=500)
        refresh_all_answers()
        assert ">500</a>" in Article.objects.get().patient_html

    def test_every_entry_of_the_timetable_names_a_task_that_there_is(self):
        from ldn_kb.celery import app

        app.loader.import_default_modules()
        assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)

    def test_all_are_rendered_anew_when_asked(self):
        load()
        Article.objects.update(patient_html="old")
        assert render_all(now=LATER) == 1
        assert "was tested in" in Article.objects.get().patient_html


class TestCorpus:
    def files(self, **changes: str) -> dict[str, bytes]:
        texts = {"fibromyalgia": OF_A_CONDITION, "what-it-is": OF_ITS_OWN, **changes}
        return {f"articles/{slug}.md": text.encode() for slug, text in texts.items()}

    def test_files_come_back_byte_for_byte(self):
        load_corpus(files=self.files())
        dumped = dump_files()
        assert {name: raw for name, raw in dumped.items() if name.startswith("articles/")} == self.files()

    def test_a_second_load_changes_nothing(self):
        load_corpus(files=self.files())
        report = load_corpus(files=self.files())
        assert sorted(report.same) == ["article fibromyalgia", "article what-it-is"]
        assert (report.added, report.changed, report.kept) == ([], [], [])

    def test_an_editors_change_is_kept_and_its_head_is_written_anew(self):
        load_corpus(files=self.files())
        Article.objects.filter(slug="what-it-is").update(title="Ours: a title")
        theirs = OF_ITS_OWN.replace("A medicine", "An old medicine")
        report = load_corpus(files=self.files(**{"what-it-is": theirs}))
        assert report.kept == ["article what-it-is: title"]
        article = Article.objects.get(slug="what-it-is")
        assert (article.title, article.summary) == ("Ours: a title", "An old medicine at a small dose.")
        dumped = dump_files()["articles/what-it-is.md"].decode()
        assert dumped.startswith("---\nslug: what-it-is\ntitle: 'Ours: a title'\nsummary: An old medicine")
        again = load_corpus(files={"articles/what-it-is.md": dumped.encode()})
        assert (again.changed, again.kept) == (["article what-it-is: front_matter"], [])

    def test_an_article_with_findings_is_loaded_as_a_draft_and_said(self):
        bad = OF_ITS_OWN.replace("a small dose of", "31 doses of")
        report = load_corpus(files=self.files(**{"what-it-is": bad}))
        assert report.drafts == ["article what-it-is, 1 findings"]
        assert Article.objects.get(slug="what-it-is").status == "draft"
        load_corpus(files=self.files())
        assert Article.objects.get(slug="what-it-is").status == "published"

    def test_an_editors_draft_stays_one_when_its_file_changes(self):
        load_corpus(files=self.files())
        Article.objects.filter(slug="what-it-is").update(status="draft")
        load_corpus(files=self.files(**{"what-it-is": OF_ITS_OWN.replace("an old", "an older")}))
        assert Article.objects.get(slug="what-it-is").status == "draft"

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("condition: fibromyalgia", "condition: nowhere", "condition: there is no condition nowhere"),
            ("slug: fibromyalgia", "slug: other", "slug: the file of other must be called other.md"),
            ("title: LDN for fibromyalgia\n", "", "title: Field required"),
            ("title: LDN", "titel: LDN", "titel: line 3: is no field of an article"),
            ("title: LDN for fibromyalgia", "title: [a]", "title: line 3: Input should be a valid string"),
            ("---\nslug", "slug", "line 1: begins without a head"),
        ],
    )
    def test_a_file_that_is_no_article_is_refused_with_line_and_mend(self, old, new, words):
        with pytest.raises(CorpusRefusedError) as refused:
            load_corpus(files=self.files(fibromyalgia=OF_A_CONDITION.replace(old, new, 1)))
        assert any(words in str(complaint) for complaint in refused.value.complaints)
        assert not Article.objects.exists()

    def test_two_articles_of_one_condition_are_refused(self):
        second = OF_ITS_OWN.replace("summary:", "condition: fibromyalgia\nsummary:")
        with pytest.raises(CorpusRefusedError) as refused:
            load_corpus(files=self.files(**{"what-it-is": second}))
        assert "fibromyalgia has an article already" in str(refused.value.complaints[0])

    def test_the_commands_write_and_read_articles(self, tmp_path):
        load_corpus(files=self.files())
        call_command("dump_evidence", tmp_path, stdout=StringIO())
        assert (tmp_path / "articles/fibromyalgia.md").read_bytes() == OF_A_CONDITION.encode()
        assert "articles/what-it-is.md" in read_directory(tmp_path)


class TestCommand:
    def lint(self, tmp_path, **texts: str) -> str:
        (tmp_path / "articles").mkdir()
        for slug, text in texts.items():
            (tmp_path / f"articles/{slug.replace('_', '-')}.md").write_text(text)
        output = StringIO()
        try:
            call_command("lint_articles", tmp_path, stdout=output)
        except CommandError as error:
            return f"{output.getvalue()}{error}"
        return output.getvalue()

    def test_sound_articles_pass(self, tmp_path):
        said = self.lint(tmp_path, fibromyalgia=OF_A_CONDITION, what_it_is=OF_ITS_OWN)
        assert said.endswith("2 article(s), nothing found\n")

    def test_each_article_is_told_with_its_reading_grade_found_fault_with_or_not(self, tmp_path):
        bad = OF_A_CONDITION.replace("kind=people condition=fibromyalgia", "kind=people condition=nowhere")
        said = self.lint(tmp_path, fibromyalgia=bad, what_it_is=OF_ITS_OWN)
        pattern = r"^articles/([a-z-]+)\.md reads at grade -?\d+\.\d for patients, -?\d+\.\d for clinicians$"
        assert re.findall(pattern, said, re.M) == ["fibromyalgia", "what-it-is"]

    def test_a_finding_names_file_line_and_mend_and_fails_the_command(self, tmp_path):
        bad = OF_A_CONDITION.replace("kind=people condition=fibromyalgia", "kind=people condition=nowhere")
        said = self.lint(tmp_path, fibromyalgia=bad)
        line = bad[: bad.index("nowhere")].count("\n") + 1
        assert f"articles/fibromyalgia.md:{line}: there is no condition nowhere. Correct the slug" in said
        assert "1 finding(s) in 1 article(s)" in said

    def test_a_file_that_is_no_article_fails_it_too(self, tmp_path):
        assert "begins without a head" in self.lint(tmp_path, fibromyalgia="no head")

    def test_the_stored_articles_can_be_checked(self):
        load()
        Study.objects.filter(key="younger2013").update(publication_status="retracted")
        output = StringIO()
        with pytest.raises(CommandError):
            call_command("lint_articles", "--stored", stdout=output)
        assert "@younger2013 is retracted" in output.getvalue()


def test_every_article_of_the_corpus_may_be_published():
    output = StringIO()
    try:
        call_command("lint_articles", stdout=output)
    except CommandError:
        pytest.fail(output.getvalue())


class TestPages:
    def test_the_condition_page_shows_its_article_for_two_queries_more_at_most(self, client):
        with CaptureQueriesContext(connection) as before:
            client.get("/conditions/fibromyalgia/")
        load()
        with CaptureQueriesContext(connection) as after:
            page = client.get("/conditions/fibromyalgia/").content.decode()
        assert len(after) <= len(before) + 2
        assert page.index('id="article"') < page.index('id="for-clinicians"') < page.index('id="results"')
        assert "No clinician has reviewed this article yet." in page

    def test_a_condition_without_an_article_keeps_its_page(self, client):
        page = client.get("/conditions/psoriasis/").content.decode()
        assert 'id="article"' not in page
        assert "Nobody knows." in page

    def test_a_reviewed_article_says_by_whom(self, client):
        article = load()
        Article.objects.filter(pk=article.pk).update(reviewed_by="Dr A, physician", reviewed_on="2026-11-23")
        page = client.get("/conditions/fibromyalgia/").content.decode()
        assert "Reviewed by Dr A, physician on 23 November 2026." in page
        assert "No clinician has reviewed" not in page

    def test_an_article_of_its_own_has_a_page_and_one_of_a_condition_leads_there(self, client):
        load()
        load(OF_ITS_OWN)
        assert "What low-dose naltrexone is" in client.get("/articles/what-it-is/").content.decode()
        assert client.get("/articles/fibromyalgia/").url == "/conditions/fibromyalgia/#article"
        page = client.get("/articles/").content.decode()
        assert "/articles/what-it-is/" in page
        assert "/conditions/fibromyalgia/#article" in page

    @pytest.mark.parametrize(
        ("page", "slug"),
        [
            ("/", "cost-and-access"),
            ("/safety/", "side-effects-of-ldn"),
            ("/doses/", "doses-studied"),
            ("/side-effects/", "side-effects-of-ldn"),
            ("/methods/", "how-we-judge-evidence"),
            ("/about/", "what-ldn-is"),
        ],
    )
    def test_a_page_leads_to_the_article_that_says_more_once_it_is_published(self, client, page, slug):
        link = f'<a href="/articles/{slug}/">'
        assert link not in client.get(page).content.decode()
        article = load(OF_ITS_OWN.replace("slug: what-it-is", f"slug: {slug}"))
        assert link in client.get(page).content.decode()
        Article.objects.filter(pk=article.pk).update(status="draft")
        assert link not in client.get(page).content.decode()

    def test_a_draft_is_nowhere_to_be_seen(self, client):
        load(OF_ITS_OWN)
        load(OF_A_CONDITION)
        Article.objects.update(status="draft")
        assert client.get("/articles/what-it-is/").status_code == 404
        assert "what-it-is" not in client.get("/articles/").content.decode()
        assert 'id="article"' not in client.get("/conditions/fibromyalgia/").content.decode()


def test_a_directory_without_articles_is_not_passed_as_sound():
    with pytest.raises(CommandError, match="name the corpus directory"):
        call_command("lint_articles", settings.EVIDENCE_DIR / "articles")
