"""Words of a question that say nothing of a page, beside those that PostgreSQL's English leaves out."""

from __future__ import annotations

from collections.abc import Sequence

_ENGLISH = {
    *("would", "could", "may", "might", "must", "shall", "much", "many", "per", "also", "ever"),
    *("anyone", "anybody", "please", "get", "via", "vs", "since", "start", "starts", "starting", "started"),
    *("work", "works", "well", "help", "helps", "good", "make", "makes"),
    # As telephones leave the apostrophe out, or folding does.
    *("cant", "dont", "doesnt", "isnt", "whats", "ive", "im"),
}
# None that is a word, a name or a short form in English: als (ALS), gut, hat, war, er.
_GERMAN = {
    *("der", "das", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines", "und", "oder", "nicht"),
    *("kein", "keine", "keinen", "ich", "mich", "mir", "mein", "meine", "meinen", "meinem", "meiner"),
    *("kann", "konnen", "darf", "durfen", "soll", "sollte", "muss", "wird", "werden", "wurde", "wurden"),
    *("ist", "sind", "habe", "haben", "gibt", "hilft", "helfen", "wirkt", "macht"),
    *("bei", "beim", "mit", "ohne"),
    *("von", "vom", "zum", "zur", "fur", "gegen", "durch", "uber", "unter", "wahrend", "nach", "seit", "auf"),
    *("welche", "welcher", "welches", "welchen", "wie", "wann", "warum", "wieso", "wieviel", "viel", "viele"),
    *("auch", "noch", "schon", "sehr", "bitte", "jemand", "zusammen", "gleichzeitig"),
}
# Words of both languages, German beside a word that is no other.
_GERMAN_BESIDE_GERMAN = {"die", "man", "den"}


def find_fillers(words: Sequence[str]) -> set[str]:
    """Return those of the folded words that are of the question, not of what is asked about.

    >>> sorted(find_fillers(["wie", "ist", "die", "dosis"])), find_fillers(["die"])
    (['die', 'ist', 'wie'], set())
    """
    typed = set(words)
    german = typed & _GERMAN
    return typed & _ENGLISH | german | (typed & _GERMAN_BESIDE_GERMAN if german else set())
