"""The wording of titles, names and page ranges: cleaned for keeping, and made alike for comparing."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

# Titles of this field differ by a word: "... in the treatment of fibromyalgia", "... of sarcoidosis".
TITLE_SIMILARITY = 0.9
SHORTEST_MAIN_TITLE = 25

STATUS_MARK = re.compile(
    r"^\W*(?P<mark>retracted(?: article| chapter| paper| publication| and republished| and replaced)?"
    r"|withdrawn(?: article)?|article (?:retracted|withdrawn)|(?:temporarily )?removed|temporary removal)"
    r"\s*(?:[:\])*\u2014\u2013.-]+\s*|(?<=\])\s*)",
    re.I,
)
# At the end it stands in brackets: "Effects of X (Retracted article. See vol. 12, pg. 3, 2010)".
CLOSING_MARK = re.compile(
    r"\s*[\[(]\s*(?P<mark>(?:retracted|withdrawn)(?: article| chapter| paper| publication)?)"
    r"\s*(?:[.:;,][^\[\]()]*)?[\])]\W*$",
    re.I,
)
GREEK = {
    letter: unicodedata.name(letter).split()[-1].lower().replace("lamda", "lambda")
    for letter in "αβγδεζηθικλμνξοπρστυφχψω"
}
UNDECOMPOSED = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "\u0131": "i", "ð": "d", "þ": "th"}
)
_NOTICE = (
    r"(?:retraction(?: notice| note| statement| letter)?|withdrawal(?: notice)?|removal notice"
    r"|(?:notice|statement) of (?:retraction|withdrawal|concern)"
    r"|expression of concern|correction|corrigendum|erratum|addendum)"
    r"(?: and (?:replacement|republication))?"
)
NOTICE_TITLE = re.compile(
    rf"\W*(?:(?:editorial|author|publisher|partial) )?(?:"
    # "Retraction: Effects", "Correction to: Effects", "Retraction notice to “Effects", "[Erratum] Effects"
    rf"{_NOTICE}(?:(?:\s+(?:to|for|on|of)\b)?\s*[:\u2014\u2013]|\s+(?:to|for|on|of)\s*[\"\u201c\u2018'\[]|[\].])"
    # words with no other meaning, a notice that names authors, and one that names nothing
    r"|(?:corrigendum|erratum|addendum) (?:to|for)\b|(?:retraction|correction) for .{1,100}? et al\b"
    rf"|{_NOTICE}\W*$)",
    re.I,
)
# Words of a surname that tell nobody apart.
PARTICLES = frozenset(
    ["de", "du", "da", "di", "van", "von", "der", "den", "el", "al", "la", "le", "jr", "sr"]
)


def is_same_title(one: str, other: str) -> bool:
    r"""True when two titles name the same paper: alike but for case, marks, accents, markup and subtitle.

    >>> is_same_title("RETRACTED: Effects on TNF&alpha; in <i>mice</i>", "Effects on TNF-\u03b1 in mice.")
    True
    >>> is_same_title("Low-dose naltrexone for pain", "Ketamine for depression")
    False
    """
    a, b = normalise_title(one), normalise_title(other)
    if a and a == b:
        return True
    squashed = sorted((a.replace(" ", ""), b.replace(" ", "")), key=len)
    if not squashed[0]:
        return False
    if squashed[0] == squashed[1] or (
        len(squashed[0]) >= SHORTEST_MAIN_TITLE and squashed[1].startswith(squashed[0])
    ):
        return True
    return _word_similarity(a, b) >= TITLE_SIMILARITY


def title_similarity(one: str, other: str) -> float:
    """Return how alike two titles are, word for word: 0 nothing in common, 1 written the same.

    >>> title_similarity("Naltrexone for pain", "Naltrexone for sleep")
    0.6666666666666666
    """
    a, b = normalise_title(one), normalise_title(other)
    return 1.0 if a.replace(" ", "") == b.replace(" ", "") else _word_similarity(a, b)


def _word_similarity(one: str, other: str) -> float:
    # The longer first, so that the answer does not depend on which title comes first.
    first, second = sorted((one.split()[:100], other.split()[:100]), key=lambda words: (len(words), words))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def status_mark(title: str) -> str | None:
    """Return the word by which a title itself says that the paper is retracted or withdrawn, or None.

    >>> status_mark("RETRACTED: Ileal-lymphoid-nodular hyperplasia"), status_mark("Retracted ideas")
    ('retracted', None)
    >>> status_mark("Ileal-lymphoid-nodular hyperplasia (Retracted article)")
    'retracted article'
    """
    match = STATUS_MARK.match(title) or CLOSING_MARK.search(title)
    return match["mark"].lower() if match else None


def is_notice_title(title: str) -> bool:
    """True when a title is that of a retraction, concern or correction of another paper.

    >>> is_notice_title("Retraction: Effects of X"), is_notice_title("Correction to: Effects of X")
    (True, True)
    >>> is_notice_title("RETRACTED: Effects of X"), is_notice_title("Correction of anaemia in mice")
    (False, False)
    """
    return NOTICE_TITLE.match(title) is not None


# One comparison looks at the same two titles several times.
@lru_cache(maxsize=256)
def normalise_title(text: str) -> str:
    r"""Return the words of a title in plain lower case, for comparing only.

    >>> normalise_title("<i>Prurigo excoriée</i>: TNF-\u03b1 &amp; IL-6")
    'prurigo excoriee tnf alpha il 6'
    """
    text = CLOSING_MARK.sub("", STATUS_MARK.sub("", strip_markup(text))).casefold()
    if text.isascii():
        return " ".join(re.findall(r"\w+", text))
    text = text.replace("µ", "μ")
    text = "".join(f" {GREEK[c]} " if c in GREEK else c for c in text).translate(UNDECOMPOSED)
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain))


def squash(text: str) -> str:
    """Return the letters and digits of a title, for asking whether two are written the same."""
    return normalise_title(text).replace(" ", "")


def squash_journal(name: str) -> str:
    """Return a journal's name for comparing: without its article and the place in brackets.

    >>> squash_journal("The Lancet") == squash_journal("Lancet (London, England)")
    True
    """
    return squash(re.sub(r"^the\s+|\s*\([^()]*\)", "", name.replace("&", " and "), flags=re.I))


def are_same_authors(one: Sequence[str], other: Sequence[str]) -> bool:
    """True when two lists name the same people in the same order; an initial more or less is no matter.

    >>> are_same_authors(["Due Bruun K", "Younger J"], ["Due Bruun K", "Younger JW"])
    True
    >>> are_same_authors(["Younger J"], ["Younger J", "Noor N"])
    False
    """
    pairs = zip(map(normalise_title, one), map(normalise_title, other), strict=False)
    return len(one) == len(other) and all(a.startswith(b) or b.startswith(a) for a, b in pairs)


def is_same_surname(one: str, other: str) -> bool:
    """True when two authors ("Due Bruun K") may be one person; a group's name is compared as a whole.

    >>> is_same_surname("Bruun KD", "Due Bruun K"), is_same_surname("Müller A", "Mueller AB")
    (True, True)
    >>> is_same_surname("Younger J", "Wakefield AJ")
    False
    """
    a, b = _surname_words(one), _surname_words(other)
    return not a or not b or bool(a & b) or "".join(sorted(a)) == "".join(sorted(b))


def strip_markup(text: str) -> str:
    """Return the text of a title without HTML, JATS or MathML tags and entities; what they held stays.

    >>> strip_markup("Role of <i>TERT</i> at p&lt;0.05 in H<sub>2</sub>O")
    'Role of TERT at p<0.05 in H2O'
    """
    for _ in range(2):  # some registries escape twice
        if "<" not in text and "&" not in text:
            break
        text = html.unescape(re.sub(r"</?[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>", "", text))
    return clean_text(text)


def clean_text(text: str) -> str:
    """Return the text on one line, without what no database takes: control characters, lone surrogates."""
    if text.isascii() and text.isprintable():  # as nearly all are: nothing has to go
        return " ".join(text.split())
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or _is_storable(c))
    return " ".join(kept.split())


def initials_of(given: str) -> str:
    """Return the initials of given names as PubMed writes them.

    >>> initials_of("Jarred W."), initials_of("Jean-Pierre"), initials_of("AJ")
    ('JW', 'JP', 'AJ')
    """
    names = [name for name in re.split(r"[\s.\-\u2010-\u2015]+", given) if name]
    if len(names) == 1 and names[0].isupper() and len(names[0]) <= 3:
        return names[0]
    return "".join(name[0].upper() for name in names if name[0].isalpha())


def _is_storable(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cs"}


def _surname_words(author: str) -> set[str]:
    """The words of a surname; particles, suffixes and initials tell nobody apart."""
    words = author.split()
    if len(words) > 1 and re.fullmatch(r"[^\W\d_]{1,4}", words[-1]) and words[-1].isupper():
        words = words[:-1]
    plain = normalise_title(" ".join(words))
    folded = re.sub(r"([aou])e", r"\1", plain).split()
    return {word for word in folded if len(word) > 1} - PARTICLES


def expand_pages(pages: str) -> str:
    """Return a page range with a plain hyphen and its last page in full.

    >>> expand_pages("113-25"), expand_pages("e31-e39"), expand_pages("S12-5"), expand_pages("1240")
    ('113-125', 'e31-e39', 'S12-S15', '1240')
    """
    pages = re.sub(r"[\u2010-\u2015\u2212]", "-", pages).replace(" ", "")
    match = re.fullmatch(r"([A-Za-z]*)([0-9]+)-([0-9]+)", pages)
    if not match or len(match[3]) >= len(match[2]):
        return pages
    prefix, first, last = match.groups()
    return f"{prefix}{first}-{prefix}{first[: len(first) - len(last)]}{last}"
