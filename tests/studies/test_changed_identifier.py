"""What was learned under a former DOI or PubMed number is not taken for knowledge of the paper."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studies.models import RefreshRun, Study
from studies.services.refresh import refresh
from studies.sources.registries import REGISTRIES
from studies.sources.standin import Paper
from tests.studies.test_refresh import PAPER, ask, page_of, standin, study  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NOTICE = {"DOI": "10.1000/notice", "type": "retraction", "source": "publisher"}


@pytest.mark.parametrize("changed", [{"doi": "10.1000/other"}, {"pmid": 999}, {"doi": None}])
def test_another_identifier_takes_back_the_word_that_the_paper_is_in_order(
    client,
    standin,  # noqa: F811
    study,  # noqa: F811
    changed,
):
    ask()
    assert Study.objects.get().publication_status == "current"
    Study.objects.filter(pk=study.pk).update(**changed)
    assert Study.objects.get().publication_status == "unknown"
    assert not study.registry_checks.exists()
    assert "no notice" not in page_of(client, study)


def test_an_identifier_that_was_empty_or_is_saved_unchanged_takes_nothing_back(standin, study):  # noqa: F811
    Study.objects.filter(pk=study.pk).update(pmid=None)
    ask()
    Study.objects.filter(pk=study.pk).update(pmid=PAPER.pmid)
    Study.objects.get().save()
    assert Study.objects.get().publication_status == "current"
    assert study.registry_checks.count() == 1


def test_another_identifier_lifts_no_notice_and_the_new_one_is_asked_about_at_once(standin, study):  # noqa: F811
    standin.papers.add(Paper(**{**PAPER.__dict__, "updated_by": (NOTICE,)}))
    ask()
    standin.papers.add(Paper(**{**PAPER.__dict__, "doi": "10.1000/other"}))
    Study.objects.filter(pk=study.pk).update(doi="10.1000/other")
    assert Study.objects.get().publication_status == "retracted"
    assert ask().due == 1
    assert Study.objects.get().publication_status == "retracted"
    assert study.editor_tasks.filter(kind="vanished").exists()


def test_an_answer_about_an_identifier_that_was_changed_meanwhile_is_not_written(
    standin,  # noqa: F811
    study,  # noqa: F811
    monkeypatch,
):
    client_type = REGISTRIES["crossref"].client
    fetch = client_type.fetch

    def fetch_while_an_editor_writes(self, ids):
        for batch in fetch(self, ids):
            Study.objects.filter(pk=study.pk).update(doi="10.1000/other")
            yield batch

    monkeypatch.setattr(client_type, "fetch", fetch_while_an_editor_writes)
    refresh(registry="crossref", now=timezone.now(), keys=[study.key])
    assert RefreshRun.objects.get().found == 0
    assert not study.registry_checks.exists()


@pytest.mark.parametrize(
    ("registry", "key", "fields", "still"),
    [
        ("crossref", "10.1/a", {"doi": "10.1/a", "pmid": 1}, True),
        ("crossref", "10.1/a", {"doi": "10.1/b", "pmid": 1}, False),
        ("openalex", 1, {"doi": "10.1/a", "pmid": 1}, True),
        ("retraction_watch", ("10.1/a", None), {"doi": "10.1/a", "pmid": 1}, True),
        ("retraction_watch", ("10.1/a", 2), {"doi": "10.1/a", "pmid": 1}, False),
    ],
)
def test_a_paper_is_still_the_one_asked_about_while_it_has_every_identifier_used(
    registry, key, fields, still
):
    assert REGISTRIES[registry].still_names(key, fields) is still
