"""Bibliographic exports, read back by the programs that read such files: every record, every field."""

from __future__ import annotations

import html
import io
import json
import re
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas
import pypandoc
import pytest
import rispy
from Bio import Medline
from pybtex.database import parse_string

from studies.domain.bibliography import NoticeFacts
from studies.domain.reference import Reference
from studies.domain.reference_bibtex import write_bibtex
from studies.models import Study
from studies.services.exporting import FORMATS, REFERENCE_FORMATS, read_reference
from studies.services.notices import record_notices
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]

ALL = "/studies/export"
# What TeX prints for the commands that we write.
COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
}


def fetch(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.getvalue().decode()


@pytest.fixture
def references() -> list[Reference]:
    """What each file must hold, in the order of the list of studies."""
    return [read_reference(study) for study in Study.objects.published().newest_first()]


def plain_facts(item: dict[str, Any]) -> dict[str, Any]:
    """The bibliography of an item, each fact as a text; what is not known is missing."""
    names = item.get("author", [])
    facts = {
        "id": item["id"],
        "title": item["title"],
        "authors": [(n.get("family") or n["literal"], n.get("given"), n.get("suffix")) for n in names],
        "journal": item.get("container-title"),
        "abbreviated": item.get("container-title-short"),
        "year": str(item["issued"]["date-parts"][0][0]) if "issued" in item else None,
        **{
            name: item.get(name)
            for name in ("volume", "issue", "page", "DOI", "PMID", "PMCID", "URL", "note")
        },
    }
    return {name: value for name, value in facts.items() if value}


def split_name(name: str) -> tuple[str, str | None, str | None]:
    """A name with commas, apart; a group ends with one."""
    parts = [part.strip() or None for part in name.split(",")]
    return parts[0], *[*parts[1:], None, None][:2]


def from_ris(text: str) -> list[dict[str, Any]]:
    found = []
    for entry in rispy.loads(text):
        pages = [entry.get("start_page"), entry.get("end_page")]
        facts = {
            "id": entry["id"],
            "title": entry["title"],
            "authors": [split_name(name) for name in entry.get("authors", [])],
            "journal": entry.get("secondary_title"),
            "abbreviated": entry.get("alternate_title1"),
            "year": entry.get("year"),
            "volume": entry.get("volume"),
            "issue": entry.get("number"),
            "page": "-".join(filter(None, pages)),
            "DOI": entry.get("doi"),
            "PMID": entry.get("accession_number"),
            "PMCID": entry.get("custom2"),
            "URL": entry["urls"][0] if "urls" in entry else None,
            "note": " ".join(entry["notes"]),
        }
        found.append({name: value for name, value in facts.items() if value})
    return found


def from_bibtex(text: str) -> list[dict[str, Any]]:
    found = []
    for key, entry in parse_string(text, "bibtex").entries.items():
        fields = {name.lower(): printed(value) for name, value in entry.fields.items()}
        facts = {
            "id": key,
            "title": fields["title"],
            "authors": [person(one) for one in entry.persons.get("author", [])],
            "journal": fields.get("journal"),
            "abbreviated": fields.get("shortjournal"),
            "page": fields.get("pages", "").replace("--", "-"),
            "issue": fields.get("number"),
            "DOI": fields.get("doi"),
            "PMID": fields.get("pmid"),
            "PMCID": fields.get("pmcid"),
            "URL": fields.get("url"),
            **{name: fields.get(name) for name in ("year", "volume", "note")},
        }
        found.append({name: value for name, value in facts.items() if value})
    return found


def person(one: Any) -> tuple[str, str | None, str | None]:
    family = " ".join([*one.prelast_names, *one.last_names])
    given = " ".join([*one.first_names, *one.middle_names])
    return printed(family), printed(given) or None, " ".join(one.lineage_names) or None


def printed(text: str) -> str:
    """What TeX would print of a field."""
    parts = re.split("(" + "|".join(map(re.escape, COMMANDS)) + ")", text)
    return "".join(
        COMMANDS.get(part) or re.sub(r"\\([&%$#_])", r"\1", re.sub(r"[{}]", "", part)) for part in parts
    )


def from_nbib(text: str) -> list[dict[str, Any]]:
    found = []
    for entry in Medline.parse(io.StringIO(text)):
        if not entry:
            continue
        doi = [value.removesuffix(" [doi]") for value in entry.get("AID", []) if value.endswith("[doi]")]
        names = [split_name(name) for name in entry.get("FAU", [])]
        facts = {
            "title": entry["TI"],
            "authors": [(f, g and re.sub(r"(?<=[A-ZÀ-ÖØ-Þ])(?=[ -]|$)", ".", g), s) for f, g, s in names]
            + [(group, None, None) for group in entry.get("CN", [])],
            "journal": entry.get("JT"),
            "abbreviated": entry.get("TA"),
            "year": entry.get("DP"),
            "volume": entry.get("VI"),
            "issue": entry.get("IP"),
            "page": entry.get("PG"),
            "DOI": doi[0] if doi else None,
            "PMID": entry.get("PMID"),
            "PMCID": entry.get("PMC"),
            "note": " ".join(entry["GN"]) if isinstance(entry["GN"], list) else entry["GN"],
        }
        found.append({name: value for name, value in facts.items() if value})
    return found


def from_endnote(text: str) -> list[dict[str, Any]]:
    paths = {
        "id": "label", "title": "titles/title", "journal": "titles/secondary-title",
        "abbreviated": "periodical/abbr-1", "year": "dates/year", "volume": "volume", "issue": "number",
        "page": "pages", "DOI": "electronic-resource-num", "PMID": "accession-num", "PMCID": "custom2",
        "URL": "urls/related-urls/url", "note": "notes",
    }  # fmt: skip
    found = []
    for record in ElementTree.fromstring(text.encode()).iter("record"):  # noqa: S314 - our own
        facts: dict[str, Any] = {name: record.findtext(f"{path}/style") for name, path in paths.items()}
        facts["authors"] = [
            split_name(name.text) for name in record.findall("contributors/authors/author/style")
        ]
        found.append({name: value for name, value in facts.items() if value})
    return found


@pytest.mark.parametrize(
    ("suffix", "read", "lost"),
    [
        ("ris", from_ris, set()),
        ("bib", from_bibtex, set()),
        ("nbib", from_nbib, {"id", "URL"}),
        ("csl.json", lambda text: [plain_facts(item) for item in json.loads(text)], set()),
        ("endnote.xml", from_endnote, set()),
    ],
)
def test_every_field_of_the_whole_corpus_reads_back_the_same(client, references, suffix, read, lost):
    found = read(fetch(client, f"{ALL}.{suffix}"))
    assert len(found) == len(references) == 185
    for facts, reference in zip(found, references, strict=True):
        expected = {name: v for name, v in plain_facts(reference.item).items() if name not in lost}
        assert facts == expected


@pytest.mark.parametrize(("suffix", "form"), [("csl.json", "csljson"), ("bib", "bibtex"), ("ris", "ris")])
def test_pandoc_reads_what_it_is_given(client, references, suffix, form):
    raw = pypandoc.convert_text(fetch(client, f"{ALL}.{suffix}"), to="csljson", format=form)
    items = {item["id"]: item for item in json.loads(raw)}
    assert len(items) == len(references)
    for reference in references:
        item, expected = items[reference.item["id"]], reference.item
        assert squash(item["title"]) == squash(expected["title"])
        assert [surname(n) for n in item.get("author", [])] == [
            surname(n) for n in expected.get("author", [])
        ]
        for name in ("DOI", "volume", "container-title"):
            assert squash(str(item.get(name, ""))) == squash(str(expected.get(name, ""))), expected["id"]
        assert str(item.get("issued", "")).count("None") == 0


def surname(name: dict[str, str]) -> str:
    """A surname with the particle that Pandoc takes from it, or a group."""
    particles = (name.get(f"{kind}dropping-particle") for kind in ("", "non-"))
    return squash(" ".join(filter(None, [*particles, name.get("family") or name.get("literal")])))


def squash(text: str) -> str:
    """A title as it is read: Pandoc marks kept capitals and curls quotation marks."""
    text = html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    text = text.replace("\N{LEFT SINGLE QUOTATION MARK}", "'").replace("\N{NO-BREAK SPACE}", " ")
    return re.sub("[\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}]", '"', text).casefold()


@pytest.mark.parametrize("style", ["vancouver", "ama", "apa"])
def test_the_formatted_lists_are_what_pandoc_made_when_the_studies_were_saved(client, style):
    column = {"vancouver": "citation_html", "ama": "citation_ama_html", "apa": "citation_apa_html"}[style]
    stored = list(Study.objects.published().newest_first().values_list(column, flat=True))
    page = fetch(client, f"{ALL}.{style}.html")
    assert re.findall(r"<li>(.*)</li>", page) == stored
    lines = fetch(client, f"{ALL}.{style}.txt").splitlines()
    assert [line.removeprefix(f"{i}. ") for i, line in enumerate(lines, 1)] == [
        " ".join(html.unescape(re.sub("<[^>]+>", "", entry)).split()) for entry in stored
    ]
    assert lines[1].startswith("2. ") == (style != "apa")


@pytest.fixture
def retracted() -> Study:
    study = Study.objects.get(key="bruun2024")
    notice = NoticeFacts(
        kind="retraction",
        raw_kind="Retraction",
        notice_doi="10.1000/notice",
        notice_pmid=123,
        date_text="2025 Feb",
    )
    record_notices(study=study, registry="crossref", notices=[notice], now=study.updated_at)
    return study


def test_a_retracted_paper_says_so_in_every_format(client, retracted):
    for form in REFERENCE_FORMATS:
        text = fetch(client, f"/studies/{retracted.key}/export.{form.suffix}")
        nbib = form.suffix == "nbib"
        words = "Retracted Publication" if nbib else "RETRACTED: this paper has been retracted."
        assert words in text
        assert words not in fetch(client, f"/studies/younger2013/export.{form.suffix}")


def test_the_notice_of_a_retraction_stands_where_managers_look_for_it(client, retracted):
    (record,) = [
        r for r in Medline.parse(io.StringIO(fetch(client, f"/studies/{retracted.key}/export.nbib"))) if r
    ]
    assert record["RIN"] == ["2025 Feb. doi: 10.1000/notice. PMID: 123"]
    assert "Retracted Publication" in record["PT"]
    ris = fetch(client, f"/studies/{retracted.key}/export.ris")
    assert "\r\nM3  - Retracted Publication\r\n" in ris
    assert (
        "N1  - RETRACTED: this paper has been retracted. Retraction, 2025 Feb, doi:10.1000/notice, PMID 123."
        in ris
    )


def test_a_notice_that_an_editor_dismissed_is_in_no_export(client, django_user_model):
    study = Study.objects.get(key="bruun2024")
    editor = django_user_model.objects.create(username="editor")
    study.notices.create(
        kind="concern", raw_kind="x", registry="crossref", first_seen_at="2026-01-01T00:00Z",
        notice_doi="10.1/x",
        dismissed_by=editor, dismissed_on="2026-01-02", dismissed_because="Of another paper.",
    )  # fmt: skip
    assert "10.1/x" not in fetch(client, f"/studies/{study.key}/export.ris")


def test_a_paper_that_nobody_was_asked_about_is_not_called_clean(client):
    assert "Publication status: not known." in fetch(client, "/studies/younger2013/export.ris")


@pytest.mark.parametrize("suffix", list(FORMATS))
def test_a_file_has_its_type_its_name_and_its_line_ends(client, suffix):
    answer = client.get(f"/studies/younger2013/export.{suffix}")
    body = answer.getvalue()
    assert answer["Content-Disposition"] == f'attachment; filename="ldn-younger2013.{suffix}"'
    assert answer["Content-Type"] == FORMATS[suffix].content_type
    assert answer["X-Robots-Tag"] == "noindex"
    if suffix == "ris":
        assert body.count(b"\r\n") == body.count(b"\n") > 10
    elif suffix in {form.suffix for form in REFERENCE_FORMATS}:
        assert b"\r" not in body
        assert body.endswith(b"\n")


def test_a_selection_is_the_list_with_its_filters_and_all_its_pages(client):
    found = from_ris(fetch(client, f"{ALL}.ris?condition=fibromyalgia&page=2"))
    assert len(found) == 39
    assert len(from_ris(fetch(client, f"{ALL}.ris?condition=fibromyalgia&design_group=randomised"))) == 8
    answer = client.get(f"{ALL}.ris?year_min=abc")
    assert answer.status_code == 400
    assert b"year_min" in answer.content


def test_the_references_of_a_condition_come_in_the_order_of_its_page(client):
    page = client.get("/conditions/fibromyalgia/").content.decode()
    keys = re.findall(r'class="citation" id="ref-([a-z0-9]+)"', page)
    found = from_ris(fetch(client, "/conditions/fibromyalgia/references.ris"))
    assert [facts["id"] for facts in found] == keys
    assert client.get("/conditions/nowhere/references.ris").status_code == 404


def test_a_search_result_is_exported_as_it_is_ranked(client):
    listed = []
    for number in (1, 2, 3, 4):
        page = client.get(f"/search/?q=fibromyalgia&kind=study&page={number}").content.decode()
        listed += re.findall(r'<a href="/studies/([a-z0-9]+)/"', page)
    found = [facts["id"] for facts in from_ris(fetch(client, "/search/export.ris?q=fibromyalgia"))]
    assert found
    assert found == list(dict.fromkeys(listed))
    assert fetch(client, "/search/export.ris?q=fibromyalgia&kind=claim") == ""
    assert fetch(client, "/search/export.ris?q=%00") == ""


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("/studies/younger2013/", "/studies/younger2013/export.{}"),
        ("/studies/?condition=fibromyalgia&page=2", "/studies/export.{}?condition=fibromyalgia"),
        ("/conditions/fibromyalgia/", "/conditions/fibromyalgia/references.{}"),
        ("/search/?q=fibromyalgia", "/search/export.{}?q=fibromyalgia"),
    ],
)
def test_every_format_is_offered_where_there_is_something_to_take(client, page, address):
    text = client.get(page).content.decode()
    for suffix in FORMATS:
        assert f'href="{address.format(suffix)}"' in text
    assert client.get(address.format("ris")).status_code == 200


def test_what_is_not_there_is_a_404(client):
    make.make_study(key="draft1999", status="draft")
    for path in ("/studies/draft1999/export.ris", "/studies/nobody1999/export.ris", f"{ALL}.doc"):
        assert client.get(path).status_code == 404
    assert "draft1999" not in fetch(client, f"{ALL}.ris")
    assert client.post(f"{ALL}.ris").status_code == 405


AWKWARD = [
    ("100% of {naltrexone} & more: $5_#1 ~ ^ \\ end", ["Smith JP", "The R&D {Group} for LDN, and others"]),
    ("TY  - BOOK\nER  - \nPMID- 1\n\n<b>bold</b> & \x1b nothing", ["Mascaró JM Jr", "O'Neil-Ñandú A-B"]),
    ("Übermäßige Schmerzen: β-blocker ☃ 慢性疼痛 }{", None),
    ('Crohn\'s and LDN, "quoted" @comment{x}', ["van der Berg A"]),
]


@pytest.mark.parametrize(("title", "authors"), AWKWARD)
def test_awkward_titles_and_names_come_through_every_format(client, title, authors):
    study = make.make_study(
        title=title, authors=authors, journal="J R&D 100%", volume="1_2", pages="113-25", doi="10.1000/a_b%c",
        citation_html="x", citation_ama_html="x", citation_apa_html="x",
    )  # fmt: skip
    facts = plain_facts(read_reference(study).item)
    assert "\n" not in facts["title"]
    assert facts["page"] == "113-125"
    base = f"/studies/{study.key}/export"
    assert from_ris(fetch(client, f"{base}.ris")) == [
        {**facts, "authors": commas_split(facts)} if authors else facts
    ]
    assert from_bibtex(fetch(client, f"{base}.bib")) == [facts]
    assert from_endnote(fetch(client, f"{base}.endnote.xml"))[0]["title"] == facts["title"]
    (nbib,) = from_nbib(fetch(client, f"{base}.nbib"))
    assert nbib["title"] == facts["title"]
    assert "PMID" not in nbib
    (csl,) = json.loads(fetch(client, f"{base}.csl.json"))
    assert plain_facts(csl) == facts
    items = json.loads(pypandoc.convert_text(fetch(client, f"{base}.bib"), to="csljson", format="bibtex"))
    without = str.maketrans("", "", "{}")  # Pandoc knows no name of a brace
    assert squash(items[0]["title"]).strip() == squash(facts["title"]).translate(without).strip()


def commas_split(facts: dict[str, Any]) -> list[Any]:
    """RIS has nothing but commas to split a name; a group with a comma in its name is cut at it."""
    return [
        split_name(f"{family},") if given is None else (family, given, s)
        for family, given, s in facts["authors"]
    ]


def test_a_paper_without_anything_but_a_title_is_exported(client):
    study = make.make_study(title="Bare", authors=None, year=None, citation_html="Bare.")
    reference = read_reference(study)
    assert write_bibtex(reference, 1).splitlines()[:2] == [f"@article{{{study.key},", "  title = {Bare},"]
    assert fetch(client, f"/studies/{study.key}/export.nbib").startswith("PMID- \nTI  - Bare\n")
    assert fetch(client, f"/studies/{study.key}/export.ris").startswith(
        f"TY  - JOUR\r\nID  - {study.key}\r\nTI  - Bare"
    )
    assert fetch(client, f"/studies/{study.key}/export.vancouver.txt") == "1. Bare.\n"


TABLES = ("arms", "outcomes", "side-effects")


def read_csv(client, path: str) -> pandas.DataFrame:
    """The table with every cell as the text that stands in it."""
    return pandas.read_csv(io.StringIO(fetch(client, path)), dtype=str, keep_default_na=False)


def shown(value: Any) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def test_the_tables_hold_every_number_of_the_corpus_with_its_digits(client):
    studies = list(Study.objects.published().newest_first().with_everything())
    outcomes = [(study, outcome) for study in studies for outcome in study.outcomes.all()]
    table = read_csv(client, f"{ALL}.outcomes.csv")
    assert len(table) == len(outcomes) > 300
    for (_, row), (study, outcome) in zip(table.iterrows(), outcomes, strict=True):
        sides = {result.side: result for result in outcome.results.all()}
        assert (row["study"], row["outcome"]) == (study.key, outcome.name)
        assert (row["direction"], row["timepoint"]) == (outcome.direction, shown(outcome.timepoint))
        assert row["source"]
        for group, side in ((1, "intervention"), (2, "comparator")):
            for column, field in {"value": "value", "unit": "unit", "ci_low": "ci_low"}.items():
                assert row[f"{column}_{group}"].lstrip("'") == shown(getattr(sides.get(side), field, None))
            assert row[f"sd{group}i"] == shown(getattr(sides.get(side), "sd", None))
            assert row[f"n{group}i"] == shown(getattr(sides.get(side), "n", None))
            assert row["ai" if group == 1 else "ci"] == shown(getattr(sides.get(side), "events", None))
        assert row["effect"] == shown(getattr(getattr(outcome, "effect", None), "value", None))
    assert len(read_csv(client, f"{ALL}.side-effects.csv")) == sum(
        s.side_effect_reports.count() for s in studies
    )
    arms = read_csv(client, f"{ALL}.arms.csv")
    doses = [getattr(arm, "dose", None) for study in studies for arm in study.arms.all()]
    assert list(arms["dose_mg"]) == [shown(dose and dose.amount_mg) for dose in doses]


def test_the_workbook_says_what_the_csv_files_say(client):
    body = client.get("/conditions/fibromyalgia/references.xlsx").getvalue()
    assert body == client.get("/conditions/fibromyalgia/references.xlsx").getvalue()
    sheets = pandas.read_excel(io.BytesIO(body), sheet_name=None)
    for name in TABLES:
        text = fetch(client, f"/conditions/fibromyalgia/references.{name}.csv")
        table = pandas.read_csv(io.StringIO(text)).dropna(axis="columns", how="all")
        sheet = sheets[name].dropna(axis="columns", how="all")
        for column in table:  # the apostrophe that keeps a text from being a formula is in the CSV alone
            if pandas.api.types.is_string_dtype(table[column]):
                table[column] = table[column].str.removeprefix("'")
        pandas.testing.assert_frame_equal(table, sheet, check_dtype=False)
    explained = openpyxl.load_workbook(io.BytesIO(body))["about"]
    named = {(row[0], row[1]) for row in explained.iter_rows(values_only=True)}
    assert {("outcomes", "m1i"), ("side-effects", "ai"), ("arms", "dose_mg")} <= named


def test_counts_and_means_stand_where_metafor_looks_for_them(client):
    study = make.make_study()
    arms = [make.make_arm(study, name="LDN"), make.make_arm(study, name="Placebo", role="placebo")]
    make.make_outcome(
        study, name="Score", timepoint="12 weeks", better="lower",
        results={
            "intervention": {"value": "3.10", "sd": "1.0", "n": 20, "unit": "points", "arm": arms[0]},
            "comparator": {"value": "4", "n": 19, "unit": "points", "arm": arms[1]},
        },
    )  # fmt: skip
    make.make_outcome(
        study,
        name="Responders",
        results={"intervention": {"events": 8, "n": 20}, "comparator": {"events": 3, "n": 19}},
    )
    make.make_side_effect_report(
        study, counts={"intervention": {"events": 0, "n": 20}, "comparator": {"events": 1}}
    )
    score, responders = read_csv(client, f"/studies/{study.key}/export.outcomes.csv").to_dict("records")
    assert [score[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")] == [
        "3.10",
        "1.0",
        "20",
        "",
        "",
        "19",
    ]
    assert (score["value_2"], score["arm_1"], score["arm_2"]) == ("4", "LDN", "Placebo")
    assert [responders[name] for name in ("ai", "bi", "ci", "di")] == ["8", "12", "3", "16"]
    (harm,) = read_csv(client, f"/studies/{study.key}/export.side-effects.csv").to_dict("records")
    assert [harm[name] for name in ("ai", "bi", "ci", "di", "n1i", "n2i")] == ["0", "20", "1", "", "20", ""]
    assert (harm["source"], harm["source_url"]) == ("abstract", "https://example.org/abstract")
    assert harm["is_checked"] == "FALSE"


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_of_a_record_becomes_a_formula(client, text):
    study = make.make_study()
    make.make_arm(study, name=text)
    (row,) = read_csv(client, f"/studies/{study.key}/export.arms.csv").to_dict("records")
    assert row["arm"].startswith("'")
    assert row["arm"][1:] == text
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/studies/{study.key}/export.xlsx").getvalue()))
    cell = next(book["arms"].iter_cols(min_col=9, max_col=9, min_row=2))[0]
    assert cell.data_type == "s"
    assert "=" not in str(cell.value)[:1] or cell.value == text


def test_a_file_costs_the_same_queries_for_few_studies_as_for_all(client, django_assert_max_num_queries):
    for suffix in ("ris", "xlsx", "outcomes.csv"):
        with django_assert_max_num_queries(14):
            client.get(f"{ALL}.{suffix}").getvalue()
