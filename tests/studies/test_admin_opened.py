"""Two editors have the same page open: neither saves over the other's change without seeing it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conditions.models import Article, Claim
from conditions.services.articles import save_article
from readers.models import PageAnswer, ProblemReport
from readers.services.problems import report_problem
from studies.models import Outcome, Study
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import NOW, one_study, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return one_study()


def opened(client, row):
    """The form of a row's page as it stands in the browser."""
    return form_of(client.get(page_of(row)))


def said(answer):
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_form_opened_before_anothers_change_takes_nothing_back(editor, study):
    first, second = opened(editor, study), opened(editor, study)
    assert editor.post(page_of(study), {**first, "country": "Norway"}).status_code == 302
    answer = said(editor.post(page_of(study), {**second, "funding": "A foundation"}))
    assert "somebody has changed: country." in answer
    assert "A foundation" in answer
    study.refresh_from_db()
    assert (study.country, study.funding) == ("Norway", None)


def test_who_saves_at_the_same_moment_waits_for_the_other_before_it_is_compared(editor, study):
    form = opened(editor, study)
    with CaptureQueriesContext(connection) as queries:
        editor.post(page_of(study), {**form, "country": "Norway"})
    asked = [query["sql"] for query in queries]
    locked = next(n for n, sql in enumerate(asked) if "FOR UPDATE" in sql and '"studies_study"' in sql)
    # Read again after the wait: the parts, and the study itself.
    assert any('FROM "studies_source"' in sql for sql in asked[locked:])
    assert any('"n_open"' in sql for sql in asked[locked:])
    assert not any('FROM "studies_source"' in sql for sql in asked[:locked])


def test_saved_once_more_with_the_others_change_seen_it_is_taken(editor, study):
    form = opened(editor, study)
    Study.objects.update(country="Norway")
    again = form_of(editor.post(page_of(study), {**form, "funding": "A foundation"}))
    assert editor.post(page_of(study), {**again, "country": "Sweden"}).status_code == 302
    study.refresh_from_db()
    assert (study.country, study.funding) == ("Sweden", "A foundation")


def test_a_part_that_another_has_changed_is_named(editor, study):
    outcome = Outcome.objects.get()
    form = opened(editor, outcome)
    outcome.results.filter(side="intervention").update(events=6)
    answer = said(editor.post(page_of(outcome), {**form, "effect-0-value": "0.7"}))
    assert "somebody has changed: results, one a side." in answer
    assert outcome.results.get(side="intervention").events == 6


def test_a_row_that_another_has_removed_is_no_error_without_a_word(editor, study):
    form = opened(editor, study)
    Outcome.objects.all().delete()
    answer = said(editor.post(page_of(study), {**form, "funding": "A foundation"}))
    assert "Somebody has removed a row here since you opened this page" in answer
    assert Study.objects.get().funding is None


def test_a_question_that_another_has_removed_is_said_too(editor, study):
    claim = Claim.objects.get()
    form = opened(editor, claim)
    claim.question.delete()
    assert "Somebody has removed a row here" in said(editor.post(page_of(claim), {**form, "topic": "cost"}))


def test_an_article_that_another_took_off_the_site_is_not_put_back_by_an_old_form(editor, study):
    article = Article.objects.get()
    assert save_article(article=article, publish=True, now=NOW) == []
    form = opened(editor, article)
    save_article(article=article, publish=False, now=NOW)
    assert "somebody has changed: status." in said(editor.post(page_of(article), {**form, "title": "Mine"}))
    assert Article.objects.get().title == article.title


def test_two_editors_who_answer_one_report_see_each_other(editor, study):
    page = study.get_absolute_url()
    report = report_problem(page=page, words="The number of people is wrong.", address="", now=NOW)
    form = opened(editor, report) | {"decision": "answered", "answer": "It is right."}
    assert editor.post(page_of(report), {**form, "answer": "It is mended."}).status_code == 302
    assert "somebody has changed: state, decided at." in said(editor.post(page_of(report), form))
    assert PageAnswer.objects.get(report=report).text == "It is mended."
    assert ProblemReport.objects.get(pk=report.pk).state == "answered"


@pytest.mark.parametrize("brought", [None, "", "nonsense", "[]", "3"])
def test_a_form_that_brings_nothing_is_saved_and_one_that_brings_nonsense_breaks_nothing(
    editor, study, brought
):
    form = opened(editor, study)
    form.pop("as_opened")
    sent = {**form, "country": "Norway"} | ({} if brought is None else {"as_opened": brought})
    assert editor.post(page_of(study), sent).status_code == 302
