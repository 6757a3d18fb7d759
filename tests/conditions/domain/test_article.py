"""What is found in an article's Markdown, and on which line."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conditions.domain import article, article_lint, article_numbers, reading_grade
from conditions.domain.article import ArticleText, line_of_body, read_article, write_article
from tests.conditions.article_files import OF_A_CONDITION, OF_ITS_OWN


@pytest.mark.parametrize("module", [article, article_lint, article_numbers, reading_grade])
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_a_mark_is_found_with_its_attributes_and_its_line():
    text = ArticleText('One.\n\nTwo []{.figure kind=pool question="fibromyalgia/pain/placebo/MD"} three.\n')
    (mark,) = text.marks
    assert (mark.line, mark.kind) == (3, "pool")
    assert mark.attributes["question"] == "fibromyalgia/pain/placebo/MD"
    assert text.body[mark.start : mark.end].startswith("[]{")


@pytest.mark.parametrize(
    ("written", "is_well_formed"),
    [
        ("[]{.figure kind=people condition=x}", True),
        ("[]{kind=people condition=x}", False),
        ("[]{.figure people condition=x}", False),
        ("[]{.figure kind=people condition=two words}", False),
    ],
)
def test_a_mark_written_otherwise_is_seen_and_known_as_such(written, is_well_formed):
    assert [mark.is_well_formed for mark in ArticleText(written).marks] == [is_well_formed]


def test_an_empty_span_that_is_no_figure_and_a_mark_in_code_are_none():
    assert ArticleText("[]{.other} `[]{.figure kind=people}`\n\n```\n[]{.figure kind=x}\n```\n").marks == []


def test_keys_are_found_in_every_way_of_citing_but_not_in_an_address_or_code():
    text = ArticleText(
        "[@a2001; see @b2002, p. 3] and @c2003 say; [-@d2004]. x@mail.example `@e2005` [@a2001]"
    )
    assert text.keys == ["a2001", "b2002", "c2003", "d2004"]


def test_a_citation_knows_its_line_and_sentence_across_wrapped_lines():
    text = ArticleText("First [@a2001]. The second was\nretracted [@b2002]. Third.\n")
    second = text.citations[1]
    assert (second.line, second.key) == (2, "b2002")
    assert second.sentence == "The second was\nretracted [@b2002]."


def test_each_item_of_a_list_is_a_paragraph_and_a_heading_is_none():
    text = ArticleText("### Head\n\nOne\ntwo.\n\n- three\n  four\n- five\n\n1. six\n")
    assert [(p.line, p.text) for p in text.paragraphs] == [
        (3, "One\ntwo."),
        (6, "- three\n  four"),
        (8, "- five"),
        (10, "1. six"),
    ]


@pytest.mark.parametrize("raw", [OF_A_CONDITION, OF_ITS_OWN])
def test_a_file_is_written_with_the_bytes_it_was_read_from(raw):
    slug = raw.split("slug: ")[1].split("\n")[0]
    record, complaints = read_article(raw.encode(), f"articles/{slug}.md")
    assert complaints == []
    assert write_article(record) == raw.encode()
    assert raw.splitlines()[line_of_body(record) :] == record.body.splitlines()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "begins without a head"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"---\nslug: a\r\n", "line 2: contains a control character"),
        (b"---\nslug: [a\n---\nx", "is not readable YAML"),
        (b"---\n- a\n---\nx", "is not a list of"),
        (b"---\nslug: A B\ntitle: t\nsummary: s\n---\nx", "slug: line 2: use lower-case words"),
        (b"a" * 200_001, "is longer than 200,000 characters"),
    ],
)
def test_what_is_no_article_is_refused_with_line_and_mend(raw, words):
    record, complaints = read_article(raw, "articles/a.md")
    assert record is None
    assert any(words in str(complaint) for complaint in complaints), complaints


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_failure(body):
    text = ArticleText(body)
    figures = [article.FigureProblem("p", "m") for _ in text.marks]
    article_lint.lint(text, figures, article_lint.Ground())


@given(st.binary(max_size=200))
def test_any_bytes_are_an_article_or_refused(raw):
    record, complaints = read_article(raw, "articles/a.md")
    assert (record is None) == bool(complaints)
