"""An article: a file of Markdown with a head, and what stands in it: marks, citations, links, paragraphs.

The dialect is Pandoc's (https://pandoc.org/MANUAL.html#pandocs-markdown). Nothing here renders; it finds what
has to be checked or filled in, with the line on which it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import ValidationError

from studies.domain.corpus_file import Complaint, FileRefusedError, read_yaml, write_yaml
from studies.domain.record_types import Record, Slug, Text

HEADINGS = ("For patients", "For clinicians")
MAX_CHARACTERS = 200_000

HEAD = re.compile(r"---\n(?P<head>.*?\n)---\n", re.DOTALL)
CODE = re.compile(
    r"^(?P<fence>```+|~~~+).*?^(?P=fence)[^\n]*$|(?P<tick>`+)[^\n]+?(?P=tick)", re.DOTALL | re.M
)
MARK = re.compile(r"\[\]\{(?P<inside>[^{}\n]*)\}")
ATTRIBUTE = re.compile(r"""(?P<name>[A-Za-z][\w-]*)=(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"}]+))""")
# As Pandoc reads a key: a word, with inner marks but none at its end.
KEY = re.compile(r"(?<![\w@.])@\{?(?P<key>\w(?:[\w:.#$%&+?<>~/-]*\w)?)")
CITATION = re.compile(r"\[[^\[\]]*@[^\[\]]*\]")
LINK = re.compile(r"\]\((?P<target>[^()\s]*)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^(?P<level>#{1,6})\s+(?P<text>.+?)\s*#*$", re.M)
ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+")


@dataclass(frozen=True)
class Mark:
    """A place for a computed figure: `[]{.figure kind=people condition=fibromyalgia}`."""

    line: int
    start: int
    end: int
    attributes: dict[str, str] = field(hash=False)
    is_well_formed: bool = True

    @property
    def kind(self) -> str:
        return self.attributes.get("kind", "")


@dataclass(frozen=True)
class Citation:
    """One key of a citation, and the sentence in which it stands."""

    line: int
    key: str
    sentence: str


@dataclass(frozen=True)
class Link:
    """Where a link leads."""

    line: int
    target: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or an item of a list; `start` and `end` are its place in the body."""

    line: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class FigureValue:
    """What a mark becomes: the words, and the page on which they can be checked."""

    text: str
    url: str


@dataclass(frozen=True)
class FigureProblem:
    """Why a mark cannot be filled, and what would mend it."""

    problem: str
    mend: str


class ArticleRecord(Record):
    """An article as its file holds it. `front_matter` is the head as it was typed."""

    slug: Slug
    title: Text
    condition: Slug | None = None
    summary: Text
    body: str
    front_matter: str = ""


class ArticleText:
    """The body of an article, with what stands in it. Lines count from 1 at the body's beginning."""

    def __init__(self, body: str) -> None:
        self.body = body
        # Code is shown as it is typed: nothing in it is a mark, a citation or a number.
        self.prose = CODE.sub(lambda match: blank(match[0]), body)

    def line_of(self, position: int) -> int:
        return self.body.count("\n", 0, position) + 1

    @cached_property
    def marks(self) -> list[Mark]:
        return [
            _read_mark(match, self.line_of(match.start()))
            for match in MARK.finditer(self.prose)
            if re.search(r"\.figure\b|\bkind=", match["inside"])
        ]

    @cached_property
    def citations(self) -> list[Citation]:
        return [
            Citation(self.line_of(m.start()), m["key"], sentence_around(self.prose, m.start(), m.end()))
            for m in KEY.finditer(self.prose)
        ]

    @cached_property
    def keys(self) -> list[str]:
        """The cited keys, each once, in the order in which they are cited first."""
        return list(dict.fromkeys(citation.key for citation in self.citations))

    @cached_property
    def links(self) -> list[Link]:
        return [Link(self.line_of(m.start("target")), m["target"]) for m in LINK.finditer(self.prose)]

    @cached_property
    def headings(self) -> list[tuple[int, int, str]]:
        """Line, level and text of each heading."""
        return [(self.line_of(m.start()), len(m["level"]), m["text"]) for m in HEADING.finditer(self.prose)]

    @cached_property
    def paragraphs(self) -> list[Paragraph]:
        return list(_paragraphs(self))

    @cached_property
    def patient_end(self) -> int:
        """Where the part for clinicians begins; the end of the text where there is none."""
        match = re.search(rf"^##\s+{HEADINGS[1]}\s*$", self.prose, re.M)
        return match.start() if match else len(self.body)


def blank(text: str) -> str:
    """Return a text of the same length and lines in which nothing stands."""
    return re.sub(r"[^\n]", " ", text)


def sentence_around(text: str, start: int, end: int) -> str:
    """Return the sentence that holds the characters from start to end.

    A sentence ends with a full stop, question or exclamation mark before a space, or with its paragraph.

    >>> sentence_around("One [@a2000]. Two was retracted [@b2001].", 33, 40)
    'Two was retracted [@b2001].'
    """
    before = [m.end() for m in re.finditer(r"[.!?][)\"*]*\s+|\n\s*\n|^\s*(?:[-*+]|#+)\s", text[:start], re.M)]
    after = re.search(r"[.!?](?=[)\"*]*(?:\s|$))|\n\s*\n", text[end:])
    return text[before[-1] if before else 0 : end + after.end() if after else len(text)].strip()


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a paragraph.

    >>> sentences_of("Is it so? It is [@a2000]. Then p was 0.04.")
    ['Is it so?', 'It is [@a2000].', 'Then p was 0.04.']
    """
    return [part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z\[*_\"'])", text.strip()) if part]


def _read_mark(match: re.Match[str], line: int) -> Mark:
    inside = match["inside"]
    attributes = {
        m["name"]: m["quoted"] if m["quoted"] is not None else m["bare"] for m in ATTRIBUTE.finditer(inside)
    }
    rest = ATTRIBUTE.sub("", inside).split()
    return Mark(line, match.start(), match.end(), attributes, is_well_formed=rest == [".figure"])


def _paragraphs(text: ArticleText) -> Iterator[Paragraph]:
    """Blocks of prose; a heading is none, and each item of a list is one of its own."""
    lines: list[str] = []
    start = 0
    position = 0
    for line in [*text.prose.splitlines(keepends=True), "\n"]:
        is_heading = HEADING.match(line) is not None
        if lines and (not line.strip() or is_heading or ITEM.match(line)):
            yield Paragraph(text.line_of(start), start, position, "".join(lines).strip())
            lines = []
        if line.strip() and not is_heading:
            if not lines:
                start = position
            lines.append(line)
        position += len(line)


def read_article(raw: bytes, file: str) -> tuple[ArticleRecord | None, list[Complaint]]:
    """Return the article that a file holds, or every complaint about it.

    Args:
        raw: the file's bytes.
        file: its name, such as articles/fibromyalgia.md, for the complaints.
    """
    try:
        text = _decode(raw)
        head, body = _split(text)
        data = read_yaml(head.encode())
    except FileRefusedError as error:
        return None, [Complaint(file, "", str(error))]
    if not isinstance(data, dict):
        return None, [Complaint(file, "line 2", "is not a list of `field: value` lines")]
    try:
        record = ArticleRecord.model_validate({**data, "body": body, "front_matter": head})
    except ValidationError as error:
        return None, [_complaint(file, head, dict(item)) for item in error.errors(include_url=False)]
    if file.rsplit("/", 1)[-1] != f"{record.slug}.md":
        return None, [Complaint(file, "slug", f"the file of {record.slug} must be called {record.slug}.md")]
    return record, []


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileRefusedError(f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    if len(text) > MAX_CHARACTERS:
        raise FileRefusedError(f"is longer than {MAX_CHARACTERS:,} characters; divide it")
    found = re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise FileRefusedError(f"line {line}: contains a control character; remove it (lines end with LF)")
    return text


def _split(text: str) -> tuple[str, str]:
    match = HEAD.match(text)
    if match is None:
        raise FileRefusedError(
            "line 1: begins without a head; write a line ---, then slug, title and summary, then a line ---"
        )
    return match["head"], text[match.end() :]


def _complaint(file: str, head: str, item: dict[str, object]) -> Complaint:
    """The complaint about one field of the head, with its line where it has one."""
    location = item["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else ""
    match = re.search(rf"^{re.escape(name)}:", head, re.M)
    line = f"line {head.count(chr(10), 0, match.start()) + 2}: " if match else ""
    reason = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        reason = "is no field of an article; those are slug, title, condition and summary"
    return Complaint(file, name, f"{line}{reason}")


def write_article(record: ArticleRecord) -> bytes:
    """Return the bytes of an article's file: the head as it was typed, if it still says the same."""
    head = record.front_matter
    fields = {name: getattr(record, name) for name in ("slug", "title", "condition", "summary")}
    said = {name: value for name, value in fields.items() if value is not None}
    if read_yaml(head.encode()) != said:
        head = write_yaml(said).decode()
    return f"---\n{head}---\n{record.body}".encode()


def line_of_body(record: ArticleRecord) -> int:
    """Return how many lines of the file stand before the body's first."""
    return write_article(record).decode().removesuffix(record.body).count("\n")
