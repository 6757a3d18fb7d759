"""Editors write articles: what is found stands on the page, and nothing is lost."""

from __future__ import annotations

import pytest

from conditions.models import Article
from conditions.services import article_rendering
from tests import make
from tests.studies.admin_forms import form_of
from tests.studies.admin_world import page_of, sign_in

pytestmark = pytest.mark.django_db

BODY = (
    "\n## For patients\n\nNobody knows if it helps. See [the safety page](/safety/).\n\n"
    "## For clinicians\n\nNothing more is known.\n"
)
NEW = "/admin/conditions/article/add/"


def send(client, address, **changes):
    form = form_of(client.get(address))
    return client.post(address, {**form, **changes, "_save": "Save"}, follow=True)


def enter(client, body=BODY, **changes):
    fields = {"slug": "new", "title": "New", "summary": "What is known.", "body": body, "publish": "on"}
    answer = send(client, NEW, **{**fields, **changes})
    return Article.objects.filter(slug=changes.get("slug", "new")).first(), answer


def test_an_editor_publishes_an_article_that_passes(editor):
    article, _ = enter(editor, note="first text")
    assert article.status == "published"
    assert "Nobody knows if it helps" in editor.get("/articles/new/").content.decode()
    revision = article.revisions.get()
    assert (revision.saved_by, revision.note) == (editor.user, "first text")


def test_the_reading_grade_of_both_parts_stands_in_the_list_and_on_the_page(editor):
    hard = BODY.replace(
        "Nothing more is known.", "Pharmacological heterogeneity notwithstanding, nothing is."
    )
    article, _ = enter(editor, hard)
    assert article.patient_grade < 6 < 12 < article.clinician_grade
    assert f"{article.patient_grade} for patients (at most 9" in editor.get(page_of(article)).content.decode()
    listed = editor.get("/admin/conditions/article/").content.decode()
    assert f'<td class="field-patient_grade">{article.patient_grade}</td>' in listed
    assert "Saved first, then counted." in editor.get(page_of(make.make_article())).content.decode()


def test_what_the_checks_find_keeps_it_a_draft_and_stands_on_the_page_with_line_and_mend(editor):
    article, answer = enter(editor, BODY.replace("Nothing more is known", "It helped 31 people"))
    assert article.status == "draft"
    assert "Kept as a draft: the checks found 2 thing(s)" in answer.content.decode()
    page = editor.get(page_of(article)).content.decode()
    assert "Line 8 of the text: the number 31 is typed and no study is cited with it." in page
    assert "Make it a living figure" in page
    assert editor.get("/articles/new/").status_code == 404


def test_a_draft_can_be_previewed_by_editors_only(editor, client):
    article, _ = enter(editor, publish="")
    address = f"/admin/conditions/article/{article.pk}/preview/"
    assert address in editor.get(page_of(article)).content.decode()
    assert "Nobody knows if it helps" in editor.get(address).content.decode()
    assert client.get(address).status_code == 302
    assert sign_in("bob").get(address).status_code == 403


def test_saving_without_a_change_changes_nothing_and_keeps_every_blank_line(editor):
    article, _ = enter(editor)
    before = Article.objects.values().get()
    send(editor, page_of(article))
    assert Article.objects.values().get() == before
    assert before["body"] == BODY
    assert article.revisions.count() == 1


@pytest.mark.parametrize("is_new", [True, False])
def test_a_text_that_cannot_be_typeset_in_time_is_refused_with_what_was_typed_kept(
    editor, monkeypatch, is_new
):
    if not is_new:
        article, _ = enter(editor)
    monkeypatch.setattr(article_rendering, "MOST_SECONDS", 0.001)
    text = f"{BODY}Brackets that never end: [[[[ {is_new}"
    answer = send(editor, NEW if is_new else page_of(article), title="T", slug="a", summary="S", body=text)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "This text cannot be typeset, and nothing was saved." in page
    assert text.strip() in page
    assert [each.body for each in Article.objects.all()] == ([] if is_new else [BODY])


def test_an_article_is_taken_off_the_site_by_its_editor(editor):
    article, _ = enter(editor)
    form = form_of(editor.get(page_of(article)))
    del form["publish"]
    editor.post(page_of(article), {**form, "_save": "Save"})
    article.refresh_from_db()
    assert article.status == "draft"
    assert article.revisions.count() == 1


def test_half_a_review_is_refused_at_its_field(editor):
    article, _ = enter(editor)
    answer = send(editor, page_of(article), reviewed_by="Dr A, physician")
    errors = answer.context["adminform"].form.errors
    assert errors["reviewed_on"] == ["Say both who reviewed the article and on which day, or neither."]


def test_a_second_article_of_a_condition_is_refused(editor):
    condition = make.make_condition()
    enter(editor, condition=condition.pk)
    second, answer = enter(editor, slug="second", condition=condition.pk)
    assert second is None
    assert "already exists" in str(answer.context["adminform"].form.errors["condition"])


def test_versions_are_seen_and_not_changed(editor):
    article, _ = enter(editor)
    send(editor, page_of(article), body=BODY + "\nMore.\n", note="a word more")
    assert "a word more" in editor.get(page_of(article)).content.decode()
    newest = article.revisions.first()
    assert page_of(newest) in editor.get(page_of(article)).content.decode()
    page = editor.get(page_of(newest))
    assert "More." in page.content.decode()
    assert editor.post(page_of(newest), {"body": "other"}).status_code == 403


def test_an_editor_may_not_delete_an_article(editor):
    article, _ = enter(editor)
    assert editor.post(page_of(article).replace("change", "delete"), {"post": "yes"}).status_code == 403
