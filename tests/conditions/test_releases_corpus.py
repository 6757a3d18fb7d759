"""Two releases of the corpus with a retraction between them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from conditions.services.releases import make_release
from studies.domain.bibliography import NoticeFacts
from studies.models import Study
from studies.services.following import follow_changes
from studies.services.notices import record_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]


def test_a_change_of_an_answer_names_the_paper_that_brought_it_about():
    first, _ = make_release(now=timezone.now())
    study = Study.objects.get(key="bruun2024")
    notice = NoticeFacts(kind="retraction", raw_kind="Retraction", notice_doi="10.1000/notice")
    record_notices(study=study, registry="crossref", notices=[notice], now=timezone.now())
    follow_changes(now=timezone.now())
    second, _ = make_release(now=timezone.now())
    assert not first.changes
    assert "publication status of study bruun2024 moved from “unknown” to “retracted”" in second.changes
    pools = [line for line in second.changes if line.startswith("pool of Fibromyalgia: pain")]
    assert pools
    assert "bruun2024: unknown → retracted]" in pools[0]
