"""What somebody has typed, made fit to be kept and shown: no control characters, nobody's mail address."""

from __future__ import annotations

import re
import unicodedata

# Kept of the characters that draw nothing: the end of a line. The others can hide words or turn them round.
_DRAWS_NOTHING = {"Cc", "Cf", "Cs", "Co", "Cn"}
_MAIL = re.compile(r"[^\s@<>()\[\],;:]+@[^\s@<>()\[\],;:]+\.[A-Za-z]{2,}")
MAIL_LEFT_OUT = "[mail address left out]"


def clean_words(text: str) -> str:
    r"""Return a text as it may be kept: composed, without mail addresses or characters that draw nothing.

    Lines end with a single line feed, at most one empty line stands between two others.

    >>> clean_words("  The dose\r\n\r\n\r\n\r\nis\x00 wrong\u202e. Ask me: ann@example.org ")
    'The dose\n\nis wrong. Ask me: [mail address left out]'
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in _DRAWS_NOTHING)
    text = _MAIL.sub(MAIL_LEFT_OUT, text)
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()
