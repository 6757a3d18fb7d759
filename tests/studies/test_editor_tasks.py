"""Questions for editors, from the registry's answer through the Celery task to the editors' page."""

from __future__ import annotations

import html

import pytest
from django.utils import timezone

from studies import tasks
from studies.models import EditorTask, RefreshRun, Study
from studies.services.editor_tasks import EditorTaskError, close_task, open_task
from studies.services.refresh import record_answer
from studies.sources.answer import Refused
from studies.sources.standin import Paper
from tests import make
from tests.studies.admin_world import page_of, sign_in
from tests.studies.test_refresh import PAPER, standin, study  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db

TASKS = "/admin/studies/editortask/"
RETRACTION = {"DOI": "10.1000/notice", "type": "retraction", "source": "publisher"}


def answer_with(standin, *notices, **fields):  # noqa: F811
    standin.papers.add(Paper(**{**PAPER.__dict__, "updated_by": notices, **fields}))


def ask(study, *registries):  # noqa: F811
    tasks.refresh_studies([study.key], list(registries or ["crossref"]))


def test_registries_that_disagree_open_one_task_with_what_each_says(editor, standin, study):  # noqa: F811
    answer_with(standin, RETRACTION)
    ask(study, "pubmed", "crossref")
    ask(study, "pubmed", "crossref")
    task = EditorTask.objects.get()
    assert (task.kind, task.study) == ("disagreement", study)
    assert task.detail == "Crossref: retraction. PubMed: no such notice."
    page = editor.get(TASKS).content.decode()
    assert "Crossref: retraction" in page
    assert "Open the notice at the publisher" in page
    assert "question of a registry" in editor.get("/admin/").content.decode()


def test_openalex_that_has_no_word_for_a_concern_is_not_said_to_be_silent_about_it(settings, standin, study):  # noqa: F811
    settings.OPENALEX_URL = standin.settings["OPENALEX_URL"]
    answer_with(standin, {**RETRACTION, "type": "expression_of_concern"})
    ask(study, "openalex", "crossref")
    study.refresh_from_db()
    assert study.publication_status == "concern"
    assert not EditorTask.objects.exists()
    ask(study, "pubmed")
    assert EditorTask.objects.get().detail == "Crossref: concern. PubMed: no such notice."


def test_a_notice_of_an_unknown_kind_opens_a_task_and_is_never_clean(standin, study):  # noqa: F811
    answer_with(standin, {"DOI": "10.1000/notice", "type": "sorrow", "source": "publisher"})
    ask(study)
    assert "“sorrow”" in EditorTask.objects.get(kind="unknown notice").detail
    study.refresh_from_db()
    assert study.publication_status == "unknown"


def test_readers_see_the_registrys_own_word_for_what_no_rule_understands(client, standin, study):  # noqa: F811
    answer_with(standin, {"DOI": "10.1000/notice", "type": "<sorrow>", "source": "publisher"})
    ask(study)
    page = client.get(study.get_absolute_url()).content.decode()
    assert "Not understood, for an editor: “&lt;sorrow&gt;”, date not given" in page


def test_a_notice_that_a_task_says_to_dismiss_can_be_dismissed_and_taken_up_again(editor, standin, study):  # noqa: F811
    answer_with(standin, {**RETRACTION, "type": "new_kind"})
    ask(study)
    notice = study.notices.get()
    assert f'href="/admin/studies/notice/?q={study.key}"' in editor.get(TASKS).content.decode()
    assert "Dismiss it, because" in editor.get(page_of(notice)).content.decode()

    def decide(action, reason=""):
        sent = {"action": action, "reason": reason}
        answer = editor.post(f"/admin/studies/notice/{notice.pk}/decide/", sent, follow=True)
        study.refresh_from_db()
        return str(*answer.context["messages"]), study.publication_status

    assert decide("dismiss", " ") == ("reason: say why this notice does not concern the paper.", "unknown")
    assert decide("dismiss", "A \x00 figure.")[0].startswith("Nothing was changed. The reason: Null")
    said, status = decide("dismiss", "It is about a figure in another paper.")
    assert (said, status) == (f"Dismissed. The status of {study.key} is now: no notice found.", "current")
    assert decide("dismiss", "Once more.")[0].startswith("This notice was dismissed by ada already")
    ask(study)
    assert Study.objects.get().publication_status == "current"
    assert decide("take_up")[1] == "unknown"
    assert decide("take_up")[0].startswith("This notice stands already")


def test_nobody_without_the_right_dismisses_a_notice(standin, study):  # noqa: F811
    answer_with(standin, RETRACTION)
    ask(study)
    address = f"/admin/studies/notice/{study.notices.get().pk}/decide/"
    assert sign_in("carl").post(address, {"action": "dismiss", "reason": "x"}).status_code == 403
    assert Study.objects.get().publication_status == "retracted"


def test_openalex_without_a_date_is_a_question_only_while_no_notice_says_the_same(settings, standin, study):  # noqa: F811
    settings.OPENALEX_URL = standin.settings["OPENALEX_URL"]
    answer_with(standin, RETRACTION, is_retracted=True)
    tasks.refresh_studies([study.key], ["openalex"])
    assert EditorTask.objects.filter(kind="unknown notice", registry="openalex").count() == 1
    EditorTask.objects.all().delete()
    tasks.refresh_studies([study.key], ["crossref", "openalex"])
    assert not EditorTask.objects.filter(kind="unknown notice").exists()
    study.refresh_from_db()
    assert study.publication_status == "retracted"


def test_another_paper_under_the_identifier_opens_a_task(standin, study):  # noqa: F811
    Study.objects.update(title="A survey of something else entirely", year=1999)
    ask(study)
    assert "the title there is" in EditorTask.objects.get(kind="identity").detail


def test_a_notice_that_vanished_opens_a_task_and_lifts_nothing(standin, study):  # noqa: F811
    answer_with(standin, RETRACTION)
    ask(study)
    answer_with(standin)
    ask(study)
    assert "does not report any more: retraction" in EditorTask.objects.get(kind="vanished").detail
    study.refresh_from_db()
    assert study.publication_status == "retracted"


def test_a_paper_that_vanished_opens_a_task_and_keeps_its_status(standin, study):  # noqa: F811
    ask(study)
    standin.papers.remove(PAPER)
    ask(study)
    assert "does not know it now" in EditorTask.objects.get(kind="vanished").detail


def test_a_paper_that_a_registry_has_merged_with_another_opens_a_task_and_keeps_its_status(standin, study):  # noqa: F811
    ask(study)
    merged = Refused("Crossref answers for another DOI: 10.1000/other")
    run = RefreshRun(registry="crossref")
    record_answer(study=study, registry="crossref", answer=merged, now=timezone.now(), run=run)
    assert "answers for another DOI: 10.1000/other." in EditorTask.objects.get(kind="vanished").detail
    study.refresh_from_db()
    assert study.publication_status == "current"


def test_the_list_of_what_waits_leaves_out_what_was_dismissed_and_no_paper_taken_back(editor, standin, study):  # noqa: F811
    answer_with(standin, {**RETRACTION, "type": "new_kind"})
    ask(study)
    waits = "notice of a registry that no rule understands"
    assert waits in editor.get("/admin/").content.decode()
    decision = {"action": "dismiss", "reason": "It is about a figure in another paper."}
    editor.post(f"/admin/studies/notice/{study.notices.get().pk}/decide/", decision)
    assert waits not in editor.get("/admin/").content.decode()
    Study.objects.update(publication_status="retracted and republished")
    line = editor.get("/admin/").content.decode().split("published study has been retracted")[0]
    listed = editor.get(html.unescape(line.rsplit('href="', 1)[1].split('"')[0]))
    assert (listed.status_code, study.key in listed.content.decode()) == (200, True)


def test_closing_needs_a_reason_and_what_is_closed_stays_closed(editor, study):  # noqa: F811
    def see(detail):
        return open_task(kind="identity", study=study, registry="pubmed", detail=detail, now=timezone.now())

    assert (see("one"), see("one"), see("two")) == (True, False, False)
    task = EditorTask.objects.get()
    address = f"{TASKS}{task.pk}/change/"
    assert "Say what was found" in editor.post(address, {"closed_because": " "}).content.decode()
    assert editor.post(address, {"closed_because": "The number was wrong."}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.closed_by, task.closed_because) == ("done", editor.user, "The number was wrong.")
    again = editor.post(address, {"closed_because": "Mine was right."}, follow=True).content.decode()
    assert "Ada has closed this task already" in again
    assert "Your words were not saved: “Mine was right.”" in again
    task.refresh_from_db()
    assert task.closed_because == "The number was wrong."
    with pytest.raises(EditorTaskError, match="closed this task already"):
        close_task(task=task, editor=editor.user, reason="Again", now=timezone.now())
    assert (see("two"), see("three")) == (False, True)


def test_a_reader_without_the_permission_sees_no_task(study):  # noqa: F811
    assert sign_in("eve").get(TASKS).status_code == 403


def test_a_file_that_shrank_opens_a_task_without_a_study(settings, tmp_path, standin, study):  # noqa: F811
    from studies.services.registries import accept_edition
    from studies.sources.answer import Edition

    accept_edition(registry="retraction_watch", edition=Edition("old", 5000), now=timezone.now())
    settings.RETRACTION_WATCH_CSV = standin.settings["RETRACTION_WATCH_CSV"]
    make.make_study(doi="10.1000/other")
    ask(study, "retraction_watch")
    task = EditorTask.objects.get()
    assert (task.kind, task.study, task.registry) == ("shrunken file", None, "retraction_watch")
    assert "refused as a whole" in task.detail
