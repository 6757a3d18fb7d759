"""Terms are found where they first stand in prose, and the file of terms is sound."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.domain.reading_grade import reading_grade
from studies.domain.glossary import Glossary, Term, read_glossary
from studies.services.glossary import load_glossary

GLOSSARY = Glossary(
    [
        Term("trial", "trial", ("trial",), "A test."),
        Term("controlled", "controlled trial", ("controlled trial",), "A test with a comparison."),
        Term("g", "Hedges' g", ("Hedges' g",), "A measure."),
    ]
)


def explain(html: str, known: set[str] | None = None) -> str:
    marked = lambda term, word: f"[{term.slug}:{word}]"  # noqa: E731
    return GLOSSARY.explain(html, set() if known is None else known, marked)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>A trial and a trial.</p>", "<p>A [trial:trial] and a trial.</p>"),
        ("A Trial", "A [trial:Trial]"),
        ("a controlled trial, a trial", "a [controlled:controlled trial], a [trial:trial]"),
        ("trials, pretrial, trial-like", "trials, pretrial, trial-like"),
        ("<h3>trial</h3><p>trial</p>", "<h3>trial</h3><p>[trial:trial]</p>"),
        ('<a href="/x/">a <em>trial</em></a> trial', '<a href="/x/">a <em>trial</em></a> [trial:trial]'),
        ('<p title="a trial > none">trial</p>', '<p title="a trial > none">[trial:trial]</p>'),
        ("<th>a<br>trial</th><td>trial</td>", "<th>a<br>trial</th><td>[trial:trial]</td>"),
        ("Hedges&#x27; g", "Hedges&#x27; g"),
        ("Hedges' g &amp; more", "[g:Hedges' g] &amp; more"),
    ],
)
def test_the_first_use_in_prose_is_explained_and_nothing_else(html, expected):
    assert explain(html) == expected


def test_what_the_page_has_explained_before_is_left_alone():
    known = {"trial"}
    assert explain("a trial, a controlled trial", known) == "a trial, a [controlled:controlled trial]"
    assert known == {"trial", "controlled"}


class Words(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found.append(data)


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<a href='>'>", "</a>", "trial", " ", "<", ">", "&", '"', "x<br>"])
    )
)
def test_any_text_stays_what_it_was_but_for_the_terms(pieces):
    html = "".join(pieces)
    assert GLOSSARY.explain(html, set(), lambda _, word: word) == html


def test_every_term_of_the_file_has_a_plain_meaning():
    terms = load_glossary().terms
    assert len(terms) >= 35
    for term in terms:
        assert 40 <= len(term.meaning) <= 420, term.slug
        assert term.meaning.endswith("."), term.slug
        assert reading_grade(term.meaning) <= 13, f"{term.slug}: {reading_grade(term.meaning)}"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"- {slug: a, name: A, forms: []}", "a: meaning is missing"),
        (b"- {slug: a, name: A, forms: x, meaning: B}", "a: forms is a list"),
        (
            b"- {slug: a, name: A, forms: [x], meaning: B}\n- {slug: b, name: A, forms: [X], meaning: B}",
            "form x",
        ),
        (
            b"- {slug: a, name: A, forms: [], meaning: B}\n- {slug: a, name: A, forms: [], meaning: B}",
            "slug a",
        ),
    ],
)
def test_a_file_that_is_not_sound_is_refused_with_the_place(raw, said):
    with pytest.raises(ValueError, match=said):
        read_glossary(raw)
