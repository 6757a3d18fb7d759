"""An article's Markdown as clean HTML: two parts and the references. Pandoc does the work, on save only."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from tempfile import NamedTemporaryFile

import nh3
import pypandoc
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from conditions.domain.article import HEADINGS, ArticleText, FigureProblem, FigureValue
from studies.domain.citation import csl_item
from studies.models import Study
from studies.services.citations import VANCOUVER, read_entries, style_path
from studies.services.editing import EditError

# No raw HTML or TeX, and no picture from elsewhere: an article is text.
DIALECT = "markdown-raw_html-raw_tex-raw_attribute-tex_math_dollars-implicit_figures-fenced_divs-native_divs"
# Ids of an article's headings and references begin with this, so that they never meet those of the page.
PREFIX = "article-"
GAP = re.compile(r'<span class="figure" data-place="(?P<place>\d+)"></span>')
PARTS = re.compile(r'<h2 id="[^"]*">(?P<name>[^<]*)</h2>')
REFERENCES = re.compile(rf'<div id="{PREFIX}refs"')
TAGS = {
    *("p", "h3", "h4", "ul", "ol", "li", "em", "strong", "sub", "sup", "a", "span", "code", "pre", "br"),
    *("blockquote", "table", "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "hr"),
}


# An article takes a second; what Pandoc turns over for so long would hold the editor's request for ever.
MOST_SECONDS = 60
UNTYPESET = (
    "This text cannot be typeset, and nothing was saved. Look for brackets or signs that begin and never "
    "end, or enter the text in parts to find the place."
)


class TypesettingError(EditError):
    """A text that cannot be typeset; the message is a sentence for the editor, with the mend."""


@dataclass(frozen=True)
class Rendered:
    """The HTML of an article, safe to print as it is."""

    patient_html: str
    clinician_html: str
    references_html: str


def render(
    text: ArticleText, figures: Sequence[FigureValue | FigureProblem], studies: Iterable[Study]
) -> Rendered:
    """Return the article as HTML: figures filled in and linked, citations numbered, references listed.

    Args:
        text: the body.
        figures: what stands in place of each mark, in the order of `text.marks`.
        studies: the cited studies, in any order; a key without a study stays as it is, with a question mark.
    """
    cited = {study.key: study for study in studies}
    page = _typeset(*_work(text, cited.values()))
    found = REFERENCES.search(page)
    prose, references = (page[: found.start()], page[found.start() :]) if found else (page, "")
    parts = _split(GAP.sub(lambda gap: _figure(figures[int(gap["place"])]), prose))
    return Rendered(
        patient_html=_clean(parts.get(HEADINGS[0], "")),
        clinician_html=_clean(parts.get(HEADINGS[1], "")),
        references_html=_references(read_entries(references), cited),
    )


def typeset_ahead(articles: Iterable[tuple[ArticleText, Sequence[Study]]]) -> None:
    """Typeset several articles side by side, a process of Pandoc each, so that render finds them done."""
    work = [_work(text, studies) for text, studies in articles]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as threads:
        list(threads.map(lambda each: _typeset(*each), work))


def _work(text: ArticleText, studies: Iterable[Study]) -> tuple[str, str]:
    """What Pandoc is given: the text with numbered gaps, and the references as CSL-JSON."""
    return _with_gaps(text), json.dumps([csl_item(study) for study in studies])


def _with_gaps(text: ArticleText) -> str:
    """The body with each mark as a numbered gap."""
    body = text.body
    for place, mark in reversed(list(enumerate(text.marks))):
        body = f"{body[: mark.start]}[]{{.figure place={place}}}{body[mark.end :]}"
    return body


# Figures are filled in afterwards, so an article whose figures alone have changed is not typeset again.
@lru_cache(maxsize=128)
def _typeset(markdown: str, references: str) -> str:
    with NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as bibliography:
        bibliography.write(references)
        bibliography.flush()
        command = [
            *(pypandoc.get_pandoc_path(), f"--from={DIALECT}", "--to=html"),
            *("--citeproc", "--sandbox", "--wrap=none", "--quiet", f"--id-prefix={PREFIX}"),
            *(f"--csl={style_path(VANCOUVER)}", f"--bibliography={bibliography.name}"),
            *("--metadata", "link-citations=true"),
        ]
        try:
            done = subprocess.run(
                command, input=markdown.encode(), capture_output=True, check=True, timeout=MOST_SECONDS
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
            raise TypesettingError(UNTYPESET) from error
        return done.stdout.decode()


def _split(page: str) -> dict[str, str]:
    """The HTML below each heading of level 2; all of it is for patients where there is none."""
    heads = list(PARTS.finditer(page))
    if not heads:
        return {HEADINGS[0]: page}
    ends = [*(head.start() for head in heads[1:]), len(page)]
    return {head["name"]: page[head.end() : end] for head, end in zip(heads, ends, strict=True)}


def _figure(figure: FigureValue | FigureProblem) -> str:
    if isinstance(figure, FigureProblem):
        return f"<strong>[{escape(figure.problem)}]</strong>"
    return f'<a class="figure" href="{escape(figure.url)}">{escape(figure.text)}</a>'


def _clean(html: str) -> str:
    return nh3.clean(
        html.strip(),
        tags=TAGS,
        attributes={"a": {"href", "role"}, "h3": {"id"}, "h4": {"id"}, "th": {"scope"}},
        allowed_classes={"a": {"figure"}},
        url_schemes={"http", "https"},
        link_rel="noreferrer",
    )


def _references(entries: dict[str, str], studies: dict[str, Study]) -> str:
    rows = format_html_join(
        "\n",
        '<li class="citation" id="{}ref-{}">{} {}<a class="small plain no-print" href="{}">Record</a></li>',
        (
            (PREFIX, key, mark_safe(entry), _gone(studies[key]), studies[key].get_absolute_url())  # noqa: S308 - cleaned by read_entries
            for key, entry in entries.items()
            if key in studies
        ),
    )
    return format_html('<ol class="references">{}</ol>', rows) if rows else ""


def _gone(study: Study) -> str:
    if not study.is_gone:
        return ""
    return format_html(
        '<span class="label label-retracted">{}</span> ', study.get_publication_status_display()
    )
