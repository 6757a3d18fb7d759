"""The pop-ups of terms on real pages, and the page that lists them all."""

from __future__ import annotations

import re

import pytest

from studies.services.glossary import load_glossary
from tests import make
from tests.studies.admin_world import NOW

pytestmark = pytest.mark.django_db


def test_the_page_holds_every_term_at_its_own_place(client):
    body = client.get("/glossary/").content.decode()
    for term in load_glossary().terms:
        assert f'id="{term.slug}"' in body
    assert 'href="/glossary/"' in client.get("/").content.decode()


def test_an_article_explains_each_term_once_and_links_and_headings_stay(client):
    html = '<h3>Placebo</h3><p>A <a href="/x/">placebo</a>, a placebo, a placebo. Randomised.</p>'
    article = make.make_article(
        slug="one",
        status="published",
        patient_html=html,
        clinician_html="<p>placebo, open-label</p>",
        rendered_at=NOW,
        text_saved_at=NOW,
    )
    body = client.get(article.get_absolute_url()).content.decode()
    assert '<h3>Placebo</h3><p>A <a href="/x/">placebo</a>, a <button type="button" class="term"' in body
    assert sorted(re.findall(r'popovertarget="term-([a-z-]+)"', body)) == [
        "open-label",
        "placebo",
        "randomised",
    ]
    meaning = load_glossary().by_slug["placebo"].meaning
    assert f'<span class="meaning" id="term-placebo" popover>{meaning}</span>' in body
    assert body.count("popovertarget") == body.count(" popover>")


def test_a_study_explains_its_design(client):
    study = make.make_study(design="rct_crossover")
    assert 'popovertarget="term-cross-over"' in client.get(study.get_absolute_url()).content.decode()
