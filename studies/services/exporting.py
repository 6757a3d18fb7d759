"""What can be taken away of studies: every format, under the end of the address that asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, Prefetch, QuerySet, TextField, Value

from studies.domain import reference_bibtex, reference_endnote, reference_formats, reference_text
from studies.domain.reference import Reference, reference_item
from studies.domain.reference_text import Writer
from studies.models import Notice, Study
from studies.services.spreadsheets import CsvFormat, WorkbookFormat
from studies.services.tables import ARMS, OUTCOMES, SIDE_EFFECTS

CHUNK = 500


class Format(Protocol):
    """What differs between formats. `suffix` is the end of the address and of the file's name."""

    @property
    def suffix(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def content_type(self) -> str: ...

    def prepare(self, studies: QuerySet[Study]) -> QuerySet[Study]:
        """The studies with what the format needs of them."""

    def stream(self, studies: Iterable[Study]) -> Iterator[bytes]:
        """Yield the file piece by piece."""


@dataclass(frozen=True)
class ReferenceFormat:
    """A format of reference lists: `write` gives one reference, `head` and `tail` stand around them all."""

    suffix: str
    label: str
    content_type: str
    write: Writer
    head: str = ""
    tail: str = ""

    def prepare(self, studies: QuerySet[Study]) -> QuerySet[Study]:
        """The studies with what the format needs of them."""
        standing = Notice.objects.filter(dismissed_by=None)
        return studies.prefetch_related(Prefetch("notices", queryset=standing))

    def stream(self, studies: Iterable[Study]) -> Iterator[bytes]:
        """Yield the file piece by piece, so that its length costs no memory."""
        yield self.head.encode()
        for number, study in enumerate(studies, start=1):
            yield self.write(read_reference(study), number).encode()
        yield self.tail.encode()


def read_reference(study: Study) -> Reference:
    """Return a study's facts for a reference list; its notices should be fetched with it."""
    item = reference_item(
        study,
        notices=[notice for notice in study.notices.all() if not notice.is_dismissed],
        record_url=settings.PUBLIC_URL + study.get_absolute_url(),
    )
    formatted = {
        "vancouver": study.citation_html,
        "ama": study.citation_ama_html,
        "apa": study.citation_apa_html,
    }
    return Reference(item, formatted)


def _formatted(style: str, label: str, *, is_numbered: bool) -> tuple[ReferenceFormat, ReferenceFormat]:
    """Plain text and HTML of a style; one that numbers its references gets a numbered list."""
    tag = "ol" if is_numbered else "ul"
    return (
        ReferenceFormat(
            f"{style}.txt",
            f"{label}, text",
            "text/plain; charset=utf-8",
            reference_text.text_writer(style, is_numbered=is_numbered),
        ),
        ReferenceFormat(
            f"{style}.html",
            f"{label}, HTML",
            "text/html; charset=utf-8",
            reference_text.html_writer(style),
            f"{reference_text.HTML_HEAD}<{tag}>\n",
            f"</{tag}>\n{reference_text.HTML_TAIL}",
        ),
    )


REFERENCE_FORMATS = (
    ReferenceFormat(
        "ris", "RIS", "application/x-research-info-systems; charset=utf-8", reference_formats.write_ris
    ),
    ReferenceFormat("bib", "BibTeX", "application/x-bibtex; charset=utf-8", reference_bibtex.write_bibtex),
    ReferenceFormat(
        "nbib", "NBIB (MEDLINE)", "application/nbib; charset=utf-8", reference_formats.write_nbib
    ),
    ReferenceFormat(
        "csl.json",
        "CSL-JSON",
        "application/vnd.citationstyles.csl+json",
        reference_formats.write_csl,
        "[",
        "\n]\n",
    ),
    ReferenceFormat(
        "endnote.xml",
        "EndNote XML",
        "application/xml; charset=utf-8",
        reference_endnote.write_endnote,
        reference_endnote.HEAD,
        reference_endnote.TAIL,
    ),
    *_formatted("vancouver", "Vancouver", is_numbered=True),
    *_formatted("ama", "AMA", is_numbered=True),
    *_formatted("apa", "APA", is_numbered=False),
)
TABLE_FORMATS = (
    WorkbookFormat(),
    CsvFormat(OUTCOMES, "CSV: outcomes"),
    CsvFormat(SIDE_EFFECTS, "CSV: side effects"),
    CsvFormat(ARMS, "CSV: arms and doses"),
)
FORMATS: dict[str, Format] = {form.suffix: form for form in (*REFERENCE_FORMATS, *TABLE_FORMATS)}


def export(studies: QuerySet[Study], suffix: str) -> Iterator[bytes]:
    """Yield the file of the studies in the format of a suffix, in the order of the query.

    Raises:
        KeyError: there is no such format.
    """
    form = FORMATS[suffix]
    return form.stream(form.prepare(studies).iterator(chunk_size=CHUNK))


def in_order(keys: Sequence[str]) -> QuerySet[Study]:
    """Return the published studies with these keys, in the order of the keys."""
    names = Value(list(keys), output_field=ArrayField(TextField()))
    place = Func(names, F("key"), function="array_position", output_field=IntegerField())
    return Study.objects.published().filter(key__in=keys).order_by(place)
