"""Which characters the bytes of a file mean.

A byte order mark and well-formed UTF-8 or UTF-16 prove themselves; anything else is a guess, said to be one.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from studies.domain.citation_files.entry import ImportRefusedError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a person may choose where the guess was wrong.
CHOICES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western European)",
    "latin-1": "Latin-1 (ISO 8859-1)",
    "gb18030": "GBK (GB 18030, Chinese)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "shift_jis": "Shift JIS (Japanese)",
}
GUESSED = (
    "cp1252",
    "cp1250",
    "cp1251",
    "koi8_r",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "iso8859_9",
)
# A declaration inside the file: XML's, or the first line that JabRef writes.
DECLARED = re.compile(rb"encoding\s*[:=]\s*[\"']?([A-Za-z][\w.-]{2,20})", re.I)
LOOKED_AT = 200_000


@dataclass(frozen=True)
class Text:
    """A file's text with plain line ends, the encoding it was read in, and whether that is a guess."""

    text: str
    encoding: str
    is_guess: bool = False


def read_text(raw: bytes, encoding: str | None = None) -> Text:
    """Return the text of a file.

    Args:
        raw: the whole file.
        encoding: one of CHOICES, where a person says which; None finds it out.
    Raises:
        ImportRefusedError: the file is empty, no text, or not in the encoding that was named.
    """
    if not raw.strip():
        raise ImportRefusedError("the file is empty")
    if encoding is not None:
        return _decode(raw, "utf-8-sig" if encoding == "utf-8" else encoding, is_guess=False)
    for mark, name in MARKS:
        if raw.startswith(mark):
            return _decode(raw, name, is_guess=False)
    if b"\x00" in raw:
        return _decode(raw, _utf_16(raw), is_guess=True)
    try:
        return _decode(raw, "utf-8", is_guess=False)
    except ImportRefusedError:
        return _decode(raw, _declared(raw) or _guess(raw), is_guess=True)


def _decode(raw: bytes, encoding: str, *, is_guess: bool) -> Text:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ImportRefusedError(f"the text is not {encoding.upper()}", line) from None
    except (LookupError, ValueError):
        raise ImportRefusedError(f"no encoding is called {encoding[:40]}") from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise ImportRefusedError("it is no text: a NUL character", text[: text.index("\x00")].count("\n") + 1)
    return Text(text, {"utf-8-sig": "utf-8"}.get(encoding, encoding), is_guess)


def _utf_16(raw: bytes) -> str:
    """Without a mark, every other byte of Western text is zero: which ones says the order."""
    start = raw[:LOOKED_AT]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < max(4, len(start) / 5) or min(even, odd) > max(even, odd) / 10:
        raise ImportRefusedError("it is no text: a NUL byte", raw[: raw.index(0)].count(b"\n") + 1)
    return "utf-16-be" if even > odd else "utf-16-le"


def _declared(raw: bytes) -> str | None:
    match = DECLARED.search(raw[:300])
    if not match:
        return None
    try:
        name = codecs.lookup(match[1].decode()).name
        raw.decode(name)
    except (LookupError, ValueError):
        return None
    return None if name.startswith("utf") else name


def _guess(raw: bytes) -> str:
    """Western letters beyond ASCII stand alone among others; Chinese bytes come in pairs, both high."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", raw[:LOOKED_AT])]
    if runs.count(1) > len(runs) / 2:
        return "cp1252" if _is_in(raw, "cp1252") else "latin-1"
    if all(run % 2 == 0 for run in runs) and _is_in(raw, "gb2312"):
        return "gb18030"
    best = from_bytes(raw[:LOOKED_AT], cp_isolation=list(GUESSED)).best()
    return next(
        (name for name in (best.encoding if best else "", "cp1252") if name and _is_in(raw, name)), "latin-1"
    )


def _is_in(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
