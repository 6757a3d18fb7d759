"""No English sentence is left on a German page: every kind of page, beside its English form."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.urls import get_resolver, resolve
from django.utils.translation import override

from conditions.answers import view_pool
from conditions.models import Article, Certainty, Claim, ComputedVerdict, Condition, Pool, Release
from readers.templatetags.language import computed
from studies.models import SideEffect, Study, Trial
from tests.test_pages import VOID

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("corpus")]

# Attributes that a reader meets; what scripts say stands in data-* and is a sentence where it holds a blank.
SAID = {"alt", "aria-label", "title", "placeholder", "data-label"}
# Files, programs' addresses, and what answers with one of the pages below.
NOT_WALKED = {
    *("admin", "api-docs", "api-root", "api-schema", "changes-feed", "condition-feed", "notices-feed"),
    *("condition-references", "search-export", "studies-export", "study-export", "release-file", "suggest"),
    *("llms", "robots", "sitemap", "sitemap-part", "sheet-of-day", "reading-list-items"),
}
# Words that both languages share, and names: of registries, styles, formats, codes and of the site's makers.
SHARED = {
    *(
        "Arm",
        "Design",
        "Design:",
        "Intervention",
        "Open Access",
        "Phase",
        "Placebo",
        "Pool",
        "Pool:",
        "Remission",
    ),
    *("Remission:", "Sponsor", "Status", "Name", "Odds Ratio", "Hazard Ratio", "Info"),
    *("AMA", "AMA, HTML", "APA", "APA, HTML", "BibTeX", "CSL-JSON", "DOI", "EndNote XML", "MeSH", "RIS"),
    *("NBIB (MEDLINE)", "PubMed", "PubMed Central", "Vancouver", "Vancouver, HTML", "SHA-256"),
    *("ICD-10", "ICD-11 Foundation", "Crossref", "Europe PMC", "OpenAlex", "ClinicalTrials.gov"),
    *("Retraction Watch", "RoB 2", "ROBINS-I", "AMSTAR 2"),
}
NAMES = [
    re.compile(pattern)
    for pattern in (
        r"[a-z]+\d{4}[a-z]?(, \d{4})?",  # the key of a study, in pictures with its year
        r"[a-z]+\d{4}[a-z]?: [\d.]+( → [\d.]+)+ mg",
        # the numbers of a trial, a PMC number, a code
        r"(, )?([A-Z][\w./-]*\d[\w./-]*|EudraCT [\d-]+)(, ([A-Z][\w./-]*\d[\w./-]*|EudraCT [\d-]+))*",
        r"(April|August|September|November) \d{4}",
        r"[A-Z]\d[\w.-]* \((WHO and )?ICD-10-CM\)|10\.\d+/\S+|https?://\S+|/api/v1/\S+",
        r"ctx_ver=.*",  # the paper for reference managers
        r"\d+ mg",
        r"[a-z]+\.[a-z_]+",  # the name of a rule
        r"(\w|[-' .])+ [A-Z]{1,3}(, (\w|[-' .])+ [A-Z]{1,3})*(, et al)?",  # authors
    )
]


class TextReader(HTMLParser):
    """The texts of a page and its attributes, without what is marked as English where `skips_english`."""

    def __init__(self, page: str, *, skips_english: bool) -> None:
        super().__init__()
        self.skips_english = skips_english
        self.open: list[tuple[str, bool]] = []
        self.texts: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        outside = self.open[-1][1] if self.open else False
        is_english = values["lang"].startswith("en") if values.get("lang") else outside
        if tag not in VOID:
            self.open.append((tag, is_english))
        if not (self.skips_english and is_english):
            for name, value in values.items():
                if name in SAID or (name.startswith("data-") and " " in (value or "")):
                    self.add(value or "")
            if values.get("name") == "description":
                self.add(values["content"])

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, is_english = self.open[-1] if self.open else ("", False)
        if tag not in ("script", "style", "code") and not (self.skips_english and is_english):
            self.add(data)

    def add(self, text):
        if re.search(r"[A-Za-z]{2}", text):
            self.texts.add(" ".join(text.split()))


def find_paths():
    """Pages of every kind: those with most on them, and some with little."""
    rows = [
        *Condition.objects.filter(
            slug__in=["fibromyalgia", "psoriasis", "crohns-disease", "mechanism", "hiv"]
        ),
        *Study.objects.filter(key__in=["bruun2024", "polo2019", "afshari2020", "bouvard1995", "younger2013"]),
        *Claim.objects.order_by("pk")[:36:5],
        *Trial.objects.order_by("pk")[:51:10],
        *SideEffect.objects.filter(slug__in=["any-side-effect", "insomnia", "nausea"]),
        *Pool.objects.order_by("-k")[:3],
        *Pool.objects.filter(k=0)[:2],
        *Article.objects.published().filter(condition=None)[:3],
        *Release.objects.all(),
    ]
    gone = Study.objects.published().filter(publication_status="retracted").first()
    return [
        *(row.get_absolute_url() for row in [*rows, *([gone] if gone else [])]),
        *("/", "/conditions/", "/studies/", "/studies/?page=2", "/doses/", "/side-effects/", "/claims/"),
        *("/trials/", "/safety/", "/changes/", "/methods/", "/about/", "/glossary/", "/releases/"),
        *("/articles/", "/reading-list/", "/problem/", "/problem/sent/?page=/about/", "/search/"),
        *("/search/?q=fibromyalgia", "/search/?q=fibromialgia", "/search/?q=zzzqqq", "/search/?q=year:x"),
        *("/conditions/fibromyalgia/sheet/", "/conditions/psoriasis/sheet/", "/studies/bruun2024/what-if/"),
        *("/studies/?dose_band=3-to-4.5", "/nowhere/"),
    ]


def left_over(german: str, english: str) -> set[str]:
    """The texts of a German page that stand in the English one, but for names and shared words."""
    texts = TextReader(german, skips_english=True).texts & TextReader(english, skips_english=False).texts
    return {t for t in texts - SHARED if not any(pattern.fullmatch(t) for pattern in NAMES)}


def test_every_kind_of_page_is_walked():
    walked = {
        resolve(path.partition("?")[0].partition("#")[0]).view_name
        for path in find_paths()
        if path != "/nowhere/"
    }
    names = {key for key in get_resolver().reverse_dict if isinstance(key, str)}
    pages = {name for name in names if not name.startswith(("api-", "fhir-"))}
    assert pages - walked - {"release"} <= NOT_WALKED


def test_no_english_sentence_is_left(client, settings):
    # What a page about a paper or an article says of itself to search engines is a piece of the record.
    descriptions = {*Study.objects.values_list("conclusion", flat=True)}
    descriptions |= {*Article.objects.values_list("summary", flat=True)}
    left = {}
    for path in dict.fromkeys(find_paths()):
        english = client.get(path)
        settings.LANGUAGE_CODE = "de"
        with override("de"):
            german = client.get(path)
        settings.LANGUAGE_CODE = "en-gb"
        assert german.status_code == english.status_code, path
        found = left_over(german.content.decode(), english.content.decode()) - descriptions
        if found:
            left[path] = found
    assert not left


def test_a_text_that_nobody_translated_is_found():
    english = '<html lang="en-gb"><p>How sure anyone can be</p><a title="Read this">Weiter</a></html>'
    german = english.replace("en-gb", "de")
    assert left_over(german, english) == {"How sure anyone can be", "Read this", "Weiter"}
    assert not left_over(german.replace("<p>", '<p lang="en">').replace("<a", '<a lang="en"'), english)


@pytest.fixture
def german(settings):
    settings.LANGUAGE_CODE = "de"
    with override("de"):
        yield


@pytest.mark.usefixtures("german")
def test_every_stored_sentence_of_the_corpus_is_said_in_german():
    """But for why a claim cannot be computed: an editor wrote that."""
    steps = [step for row in Certainty.objects.all() for step in row.steps]
    stored = {step[key] for step in steps for key in ("reason", "mend")}
    for verdict in ComputedVerdict.objects.prefetch_related("findings").select_related("claim__question"):
        if verdict.claim.question.kind != "not_computable":
            stored |= {verdict.reason, *(finding.reason for finding in verdict.findings.all())}
            stored |= {step["says"] for step in verdict.steps}
            stored |= {step["would_change"] for step in verdict.steps if step.get("would_change")}
    for pool in Pool.objects.with_studies():
        view = view_pool(pool)
        lines = [line for _, others in view.others for line in others]
        stored |= {
            *view.result["notes"],
            *(line.words for line in lines),
            *(line.how for line in view.members),
        }
        stored |= {text for line in view.members for text in line.assumptions}
    assert len(stored) > 100
    assert not {text for text in stored if str(computed(text)).endswith("</span>")}


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("low", "niedrig"),
        ("partly supported", "teilweise gestützt"),
        ("none", "keines"),
        ("MD 0.52 (95% CI 0.20 to 1.16; 3 studies)", "MD 0,52 (95\u2011%\u2011KI 0,20 bis 1,16; 3 Studien)"),
        ("supported, computed from other inputs", "gestützt, aus anderen Angaben berechnet"),
        ("Ann's <own> words", '<span lang="en">Ann&#x27;s &lt;own&gt; words</span>'),
    ],
)
def test_an_answer_before_and_after_a_change_is_said_in_german(stored, said):
    assert computed(stored) == said
