"""The pages that stand for no single row: what they are called, and what people type who look for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True)
class Overview:
    """An overview; `number` is its own for good, because its entry is found again by it."""

    number: int
    view: str
    title: str
    byline: str
    names: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return reverse(self.view)


SAFETY = 1
GLOSSARY = 12
OVERVIEWS = (
    Overview(
        SAFETY,
        "safety",
        "Safety: who must not take naltrexone, and what must not be mixed with it",
        "Warnings of the label, interactions, pregnancy, and what is known at low dose.",
        (
            *("safety", "is LDN safe", "is LDN addictive", "warnings", "contraindications", "interactions"),
            *("drug interactions", "dangerous", "dangers", "die", "fatal"),
        ),
    ),
    Overview(
        2,
        "doses",
        "Doses that were studied",
        "Which daily amounts were given, in whom, for how long, and how they were raised.",
        ("doses", "dose", "dosage", "dosing", "how much", "titration", "starting dose", "dose range"),
    ),
    Overview(
        3,
        "side-effects",
        "Side effects in studies",
        "How many people had which complaint on low-dose naltrexone and on placebo.",
        ("side effects", "adverse events", "adverse effects"),
    ),
    Overview(
        4,
        "trials",
        "Registered trials",
        "Which trials are planned, running, ended, or overdue with their results.",
        ("trials", "clinical trials", "ongoing trials", "overdue results"),
    ),
    Overview(
        5,
        "claims",
        "What a much-read article promises, and what studies say",
        "Each statement with a verdict and what speaks for and against it.",
        ("claims", "fact check", "myths"),
    ),
    Overview(
        6,
        "methods",
        "How numbers are made and certainty is judged",
        "Pools, certainty and verdicts: the rules and the sources of the formulas.",
        ("methods", "how is certainty judged", "GRADE", "certainty"),
    ),
    Overview(
        7,
        "changes",
        "What changed",
        "Changes of the records and what they did to the answers, retractions among them.",
        ("changes", "what changed", "retractions", "corrections", "news"),
    ),
    Overview(8, "conditions", "All conditions", "By part of the body.", ("conditions", "all conditions")),
    Overview(9, "studies", "All studies", "With filters.", ("studies", "all studies", "papers")),
    Overview(
        10,
        "articles",
        "Articles",
        "What is known, for patients and for clinicians.",
        ("articles", "guides"),
    ),
    Overview(11, "about", "About this knowledge base", "Who makes it, how, and what it is not.", ("about",)),
    Overview(
        GLOSSARY,
        "glossary",
        "Glossary: words of research in plain English",
        "What placebo, randomised, confidence interval and other words mean.",
        ("glossary", "words", "terms", "meanings", "definitions", "dictionary"),
    ),
    Overview(
        13,
        "reading-list",
        "Reading list",
        "Pages that you keep, in this browser alone.",
        ("reading list", "my list", "bookmarks", "kept pages"),
    ),
    Overview(
        14,
        "api-docs",
        "For programs: the API",
        "The same facts as JSON, with their sources.",
        ("api", "for programs", "json", "download data"),
    ),
    Overview(
        15,
        "releases",
        "Releases",
        "All that was published on a day, as files that never change.",
        ("releases", "citable release", "download everything"),
    ),
)
