"""References in Vancouver, AMA and APA, against those of citeproc-js, the other common processor.

The expected lines were made by citeproc-js from the same facts. Where Pandoc differs is listed in
docs/articles.md, and asserted here as a difference, so that nobody is surprised by either.
"""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from studies.domain.citation import csl_item
from studies.models import Study
from studies.services.citations import AMA, APA, STYLES, VANCOUVER, format_citations, format_references
from tests import make

YOUNGER: dict[str, Any] = {
    "id": "younger2013",
    "type": "article-journal",
    "title": "Low-dose naltrexone for the treatment of fibromyalgia",
    "author": [
        {"family": "Younger", "given": "Jarred"},
        {"family": "Noor", "given": "Noorulain"},
        {"family": "McCue", "given": "Rebecca"},
        {"family": "Mackey", "given": "Sean"},
    ],
    "container-title": "Arthritis and Rheumatism",
    "container-title-short": "Arthritis Rheum",
    "issued": {"date-parts": [[2013]]},
    "volume": "65",
    "issue": "2",
    "page": "529-538",
    "DOI": "10.1002/art.37734",
}
BOLTON: dict[str, Any] = {
    "id": "bolton2019",
    "type": "article-journal",
    "title": "Serious adverse events of oral naltrexone",
    "author": [
        {"family": family, "given": given}
        for family, given in [
            ("Bolton", "Monica"),
            ("Hodkinson", "Alex"),
            ("Boda", "Shivani"),
            ("Mould", "Alan"),
            ("Panagioti", "Maria"),
            ("Rhodes", "Sarah"),
            ("Riste", "Lisa"),
        ]
    ],
    "container-title": "BMC Medicine",
    "container-title-short": "BMC Med",
    "issued": {"date-parts": [[2019]]},
    "volume": "17",
    "issue": "1",
    "page": "10",
}
NO_AUTHOR: dict[str, Any] = {
    "id": "noauthor",
    "type": "article-journal",
    "title": "Editorial without authors",
    "container-title": "BMJ",
    "issued": {"date-parts": [[1999]]},
    "volume": "319",
    "page": "1-2",
}

GROUP: dict[str, Any] = {
    "id": "collective",
    "type": "article-journal",
    "title": "A trial by a <i>collaboration</i> with <sup>13</sup>C",
    "author": [
        {"literal": "The LDN Trial Group"},
        {"family": "de la Cruz", "given": "Maria", "suffix": "Jr"},
    ],
    "container-title": "The Lancet",
    "container-title-short": "Lancet",
    "issued": {"date-parts": [[2020]]},
    "volume": "395",
    "page": "e1-e9",
}
CHAPTER: dict[str, Any] = {
    "id": "chapter",
    "type": "chapter",
    "title": "Low dose naltrexone",
    "author": [{"family": "Leavitt", "given": "Stewart B."}],
    "editor": [{"family": "Smith", "given": "Jill P."}],
    "container-title": "Handbook of Opioid Antagonists",
    "publisher": "Springer",
    "publisher-place": "New York",
    "issued": {"date-parts": [[2011]]},
    "page": "12-34",
}


def plain(item: dict[str, Any], style: str) -> str:
    (entry,) = format_references([item], style).values()
    return html.unescape(re.sub(r"<[^>]+>", "", entry))


@pytest.mark.parametrize(
    ("item", "style", "expected"),
    [
        (
            YOUNGER,
            VANCOUVER,
            "Younger J, Noor N, McCue R, Mackey S. Low-dose naltrexone for the treatment of fibromyalgia. "
            "Arthritis Rheum. 2013;65(2):529~38. doi:10.1002/art.37734",
        ),
        (
            YOUNGER,
            AMA,
            "Younger J, Noor N, McCue R, Mackey S. Low-dose naltrexone for the treatment of fibromyalgia. "
            "Arthritis Rheum. 2013;65(2):529-538. doi:10.1002/art.37734",
        ),
        (
            BOLTON,
            VANCOUVER,
            "Bolton M, Hodkinson A, Boda S, Mould A, Panagioti M, Rhodes S, et al. Serious adverse events of "
            "oral naltrexone. BMC Med. 2019;17(1):10.",
        ),
        (
            BOLTON,
            AMA,
            "Bolton M, Hodkinson A, Boda S, et al. Serious adverse events of oral naltrexone. BMC Med. "
            "2019;17(1):10.",
        ),
        (
            BOLTON,
            APA,
            "Bolton, M., Hodkinson, A., Boda, S., Mould, A., Panagioti, M., Rhodes, S., & Riste, L. (2019). "
            "Serious adverse events of oral naltrexone. BMC Medicine, 17(1), 10.",
        ),
        (NO_AUTHOR, VANCOUVER, "Editorial without authors. BMJ. 1999;319:1~2."),
        (
            GROUP,
            VANCOUVER,
            "The LDN Trial Group, de la Cruz M Jr. A trial by a collaboration with 13C. "
            "Lancet. 2020;395:e1~9.",
        ),
        (
            GROUP,
            AMA,
            "The LDN Trial Group, de la Cruz M Jr. A trial by a collaboration with 13C. "
            "Lancet. 2020;395:e1-e9.",
        ),
        (
            GROUP,
            APA,
            "The LDN Trial Group, & de la Cruz, M., Jr. (2020). A trial by a collaboration with 13C. "
            "The Lancet, 395, e1~e9.",
        ),
        (
            CHAPTER,
            APA,
            "Leavitt, S. B. (2011). Low dose naltrexone. In J. P. Smith (Ed.), Handbook of Opioid "
            "Antagonists (pp. 12~34). Springer.",
        ),
        (NO_AUTHOR, AMA, "Editorial without authors. BMJ. 1999;319:1-2."),
        (NO_AUTHOR, APA, "Editorial without authors. (1999). BMJ, 319, 1~2."),
    ],
)
def test_a_reference_is_that_of_citeproc_js(item, style, expected):
    assert plain(item, style) == expected.replace("~", "\N{EN DASH}")


@pytest.mark.parametrize(
    ("style", "ours"),
    [(VANCOUVER, "In, editorSmith JP. Handbook"), (AMA, "In, ed.Smith JP. Handbook")],
)
def test_the_editor_of_a_book_is_the_known_miss(style, ours):
    """citeproc-js writes "In: Smith JP, editor. Handbook"; no study here is a chapter of a book."""
    assert ours in plain(CHAPTER, style)


@pytest.mark.django_db
def test_every_study_gets_its_reference_in_each_style_once_it_is_written():
    study = make.make_study(authors=["Younger J", "Noor N"], journal="Arthritis and Rheumatism", year=2013)
    assert format_citations(studies=[study]) == 1
    study.refresh_from_db()
    assert study.citation_html.startswith("Younger J, Noor N. ")
    assert study.citation_ama_html.startswith("Younger J, Noor N. ")
    assert study.citation_apa_html.startswith("Younger, J., &amp; Noor, N. (2013). ")
    assert format_citations(studies=[study]) == 0


@pytest.mark.django_db
def test_a_study_page_offers_all_three_styles(client):
    study = make.make_study(year=2013)
    format_citations(studies=[study])
    page = client.get(study.get_absolute_url()).content.decode()
    for label, column in (
        ("Vancouver", "citation_html"),
        ("AMA", "citation_ama_html"),
        ("APA", "citation_apa_html"),
    ):
        study.refresh_from_db()
        assert f"<dt>{label}</dt>" in page
        assert getattr(study, column) in page
        assert getattr(study, column)


@pytest.mark.django_db
def test_no_study_of_the_corpus_lacks_a_reference_in_any_style(corpus):
    for column in STYLES:
        assert not Study.objects.filter(**{column: ""}).exists()
    study = Study.objects.get(key="bruun2024")
    assert format_references([csl_item(study)], APA)["bruun2024"] == study.citation_apa_html
