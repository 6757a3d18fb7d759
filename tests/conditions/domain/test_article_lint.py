"""Each refusal has a text that it refuses, and one close by that it lets pass."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conditions.domain.article import ArticleText, FigureProblem, FigureValue
from conditions.domain.article_lint import CitedRecord, Ground, lint
from conditions.domain.article_numbers import typed_numbers
from conditions.domain.reading_grade import grades_of, plain_words, reading_grade

GROUND = Ground(
    {
        "a2001": CitedRecord(numbers=frozenset({Decimal(31), Decimal(12), Decimal("4.5")})),
        "gone2002": CitedRecord(is_retracted=True),
    },
    frozenset({"/safety/", "/studies/a2001/", "/claims/a-claim/", "/side-effects/nausea/", "/doses/"}),
)
SAFETY = "See [the safety page](/safety/)."


def article(patients: str = "Nobody knows.", clinicians: str = "Nothing more.") -> ArticleText:
    return ArticleText(f"## For patients\n\n{patients}\n\n{SAFETY}\n\n## For clinicians\n\n{clinicians}\n")


def found(text: ArticleText | str, figures=None) -> list[tuple[int, str]]:
    text = article(text) if isinstance(text, str) else text
    figures = figures or [FigureValue("6", "/x/") for _ in text.marks]
    return [(finding.line, finding.problem) for finding in lint(text, figures, GROUND)]


def test_a_sound_article_passes():
    assert found("Pain eased in some people [@a2001]. Is it safe? Nobody knows.") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"## For clinicians\n\n{SAFETY}\n\n## For patients\n\nB\n", "not there once and in order"),
        (f"## For patients\n\n{SAFETY}\n", "found “For patients”"),
        (f"# Top\n\n## For patients\n\n{SAFETY}\n\n## For clinicians\n\nB\n", "“Top” is of level 1"),
        (f"## For patients\n\n{SAFETY}\n\n## Other\n\n## For clinicians\n\nB\n", "“Other” is of level 2"),
        (f"Before.\n\n## For patients\n\n{SAFETY}\n\n## For clinicians\n\nB\n", "text stands before"),
    ],
)
def test_the_two_parts_stand_once_and_in_order(body, words):
    assert any(words in problem for _, problem in found(ArticleText(body))), found(ArticleText(body))


def test_raw_html_is_refused_and_a_smaller_sign_is_not():
    assert found("A <b>bold</b> word.") == [(3, "raw HTML (</b>)"), (3, "raw HTML (<b>)")]
    assert found("Here p < q, and q > r.") == []


def test_a_figure_that_cannot_be_made_is_named_with_its_line():
    text = article("One.\n\n[]{.figure kind=people condition=nowhere}")
    assert found(text, [FigureProblem("there is no condition nowhere", "Correct it.")]) == [
        (5, "there is no condition nowhere")
    ]


def test_a_figure_that_is_not_written_as_one_is_named():
    assert found("[]{kind=people condition=x}") == [(3, "the figure is not written as one")]


def test_an_unknown_key_is_refused():
    assert found("One [@nobody1999].") == [(3, "there is no published study @nobody1999")]


def test_a_retracted_paper_is_cited_only_in_a_sentence_that_says_so():
    assert found("One said so [@gone2002]. It was retracted.") == [
        (3, "@gone2002 is retracted and the sentence does not say so")
    ]
    assert found("One said so, and was retracted [@gone2002].") == []


def test_a_key_that_holds_the_word_does_not_count_as_saying_so():
    ground = Ground({"retracted2002": CitedRecord(is_retracted=True)}, frozenset({"/safety/"}))
    text = article("One said so [@retracted2002].")
    assert len(lint(text, [], ground)) == 1


@pytest.mark.parametrize(
    "target", ["/nowhere/", "/safety", "safety/", "javascript:alert(1)", "http://x.example/"]
)
def test_a_link_that_leads_nowhere_is_refused(target):
    assert len(found(f"See [it]({target}).")) == 1


def test_links_within_the_site_with_a_fragment_and_to_secure_pages_pass():
    assert found("See [a](/doses/#low) and [b](https://x.example/).") == []


def test_an_article_without_the_safety_page_is_refused():
    text = ArticleText("## For patients\n\nNobody knows.\n\n## For clinicians\n\nB\n")
    assert found(text) == [(1, "no link leads to the safety page")]


@pytest.mark.parametrize(
    "claim",
    [
        "LDN helps with pain.",
        "Pain was reduced.",
        "It relieves itching.",
        "- Sleep improved",
        "It got better.",
    ],
)
def test_a_benefit_without_a_source_is_refused(claim):
    ((line, problem),) = found(claim)
    assert line == 3
    assert "speaks of benefit" in problem
    assert found(f"{claim} [@a2001]") == []


def test_the_safety_page_is_no_source_of_a_benefit_but_is_one_of_a_harm():
    assert len(found("It helps. See [safety](/safety/).")) == 1
    assert found("There is a risk. See [safety](/safety/).") == []
    assert found("Some had [nausea](/side-effects/nausea/), a side effect.") == []


def test_a_harm_without_a_source_is_refused():
    assert found("The main side effect is a dream.") == [
        (3, "the paragraph speaks of harm (“side effect”) without a source")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Does it help?",
        "Nobody knows if it helps.",
        "It improved, says []{.figure kind=verdict claim=a-claim}.",
        "It helped [in one study](/studies/a2001/).",
        "Pain got better in [a claim](/claims/a-claim/).",
        "The side effects were these:\n\n- dreams [@a2001]",
    ],
)
def test_questions_doubts_figures_study_links_and_leads_are_no_claims_without_source(text):
    assert found(text) == []


def test_a_citation_in_another_paragraph_or_item_is_no_source():
    assert len(found("It helps.\n\nA trial was done [@a2001].")) == 1
    assert len(found("- It helps.\n- A trial was done [@a2001].")) == 1


@pytest.mark.parametrize(
    "prose",
    [
        "In 2013 and the 1980s",
        "the SF-36, IL-6, HAM-D17, COVID-19 and CYP3A4",
        "a scale of 0 to 10",
        "a scale of 0-100",
        "a phase 2 trial in type 1 diabetes",
        "5-ASA and 6-beta-naltrexol",
        "RoB 2 and AMSTAR 2",
        "the 95% CI and the 95% confidence interval",
        "the approved 50 mg tablet and a 50-mg dose",
        "the 3rd visit",
        "two of ten people",
        "`12 mg`",
        "[text](https://x.example/2/31)",
        "[@a2001, p. 31]",
        "1. First\n2. Second",
        "NCT00568555",
    ],
)
def test_what_may_be_typed_is_no_typed_number(prose):
    assert typed_numbers(ArticleText(prose)) == []


@pytest.mark.parametrize(
    ("prose", "shown"),
    [
        ("31 people", "31"),
        ("12.5% of them", "12.5%"),
        ("95% of people", "95%"),
        ("a score of 2.8 points", "2.8"),
        ("4.5 mg", "4.5"),
        ("a 12-month trial", "12"),
        ("a phase of 2 weeks", "2"),
        ("150 mg", "150"),
        ("1,240 people", "1,240"),
        ("eleven people", "eleven"),
        ("Twenty-one people", "Twenty-one"),
        ("2000 mg", "2000"),
        ("(31)", "31"),
        ("RoB 3", "3"),
        ("p=0.04", "0.04"),
        ("\N{MINUS SIGN}0.34", "0.34"),
    ],
)
def test_every_other_number_is_found(prose, shown):
    assert [number.shown for number in typed_numbers(ArticleText(prose))] == [shown]


def test_a_typed_number_is_refused_and_the_mend_says_whether_a_cited_record_holds_it():
    (held,) = lint(article("They were 31 people [@a2001]."), [], GROUND)
    assert held.problem == "the number 31 is typed; the record of a2001 holds it"
    assert "study=a2001" in held.mend
    assert found("They were 77 people [@a2001].") == [
        (3, "the number 77 is typed, and no study cited here holds it")
    ]
    assert found("They were 77 people.") == [(3, "the number 77 is typed and no study is cited with it")]


def test_weeks_and_mg_of_a_definition_pass_only_with_a_record_that_holds_them_cited_after():
    assert found("A dose was 4.5 mg for twelve weeks [@a2001].") == []
    assert len(found("A dose was 3 mg [@a2001].")) == 1
    assert len(found("A dose [@a2001] was 4.5 mg.")) == 1


def test_a_patient_part_above_grade_nine_is_refused_and_the_clinicians_part_may_be_hard():
    hard = (
        "Pharmacological immunomodulation demonstrated statistically indistinguishable symptomatology, "
        "notwithstanding considerable methodological heterogeneity across investigations [@a2001]."
    )
    ((line, problem),) = found(hard)
    assert line == 1
    assert problem.startswith("the patient part reads at grade ")
    mends = [finding.mend for finding in lint(article(hard), [], GROUND)]
    assert "Begin with “Pharmacological immunomodulation demonstrated" in mends[0]
    assert found(article(clinicians=hard)) == []


def test_the_grade_is_of_what_is_read_and_not_of_marks_and_addresses():
    text = article(
        "They had [pain](/doses/) in []{.figure kind=people condition=x} cases [@a2001].\n\n- one\n- two"
    )
    words = plain_words(text, [FigureValue("six", "/x/")], end=text.patient_end)
    assert words == "They had pain in six cases. one. two. See the safety page."
    assert reading_grade("") == 0


def test_a_sentence_ends_at_its_stop_and_not_within_a_dose():
    assert reading_grade("They took 4.5 mg.") == reading_grade("They took 45 mg.")
    assert reading_grade("We do not know. Nobody does.") < reading_grade("We do not know and nobody does.")


def test_both_parts_have_a_grade_and_tables_do_not_count():
    hard = "Pharmacological heterogeneity notwithstanding, symptomatology improved."
    grades = grades_of(article("We do not know.", hard), [])
    assert grades.patients < 5 < 15 < grades.clinicians
    table = "| Pharmacological | Symptomatology |\n|---|---|\n| immunomodulation | heterogeneity |"
    assert grades_of(article(f"We do not know.\n\n{table}", hard), []) == grades
    assert grades_of(ArticleText(""), []).clinicians == 0
