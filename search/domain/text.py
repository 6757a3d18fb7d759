"""Text as it is searched: without accents, capitals, possessives and punctuation."""

from __future__ import annotations

import re
import unicodedata

_GREEK = str.maketrans({"α": " alpha ", "β": " beta ", "γ": " gamma ", "µ": "u", "μ": "u"})
_POSSESSIVE = re.compile(r"(?<=\w)['’`´]s\b", re.I)
_APOSTROPHE = re.compile(r"['’`´]")
# A full stop stays only inside a number, as in 4.5 mg.
_BETWEEN_WORDS = re.compile(r"[^\w.]+|_+|\.(?!\d)|(?<!\d)\.")


def fold(text: str) -> str:
    """Return the text as plain lower-case words with one space between them.

    >>> fold("Sjögren’s syndrome: low-dose (4.5 mg)")
    'sjogren syndrome low dose 4.5 mg'
    """
    text = _POSSESSIVE.sub("", text.translate(_GREEK).casefold())
    text = unicodedata.normalize("NFKD", _APOSTROPHE.sub("", text))
    text = "".join(character for character in text if not unicodedata.combining(character))
    return " ".join(_BETWEEN_WORDS.sub(" ", text).split())


def join_possessives(text: str) -> set[str]:
    """Return each possessive of a text as those write it who leave the apostrophe out.

    >>> join_possessives("Crohn's disease")
    {'crohns'}
    """
    return {fold(word) + "s" for word in text.split() if _POSSESSIVE.search(word) and fold(word).isalpha()}
