"""A scenario: what each registry says of each paper, and how it fails, day by day. Written in YAML.

    rate_limits: {keep: true, speed: 50}   # answer 429 beyond the real limits, here at 50 times the speed
    day_seconds: 30                        # a day lasts so long; left out, POST /_standin/day sets it
    corpus: false                          # leave the corpus' own papers and trials out; default true
    papers:                                # more papers, with the fields of standin.papers.Paper
      - {title: A trial, doi: 10.1000/a, pmid: 1001, year: 2020, authors: [Tester A]}
    trials:                                # more trials, with the fields of standin.papers.StandinTrial
      - {registry_id: NCT00000001, title: A trial}
    events:
      - {day: 0, paper: 10.1000/a, says: correction, on: 2021-05-04}
      - {day: 1, paper: 10.1000/a, registry: [crossref, pubmed], says: retraction, on: 2024-02-03,
         notice_doi: 10.1000/n}
      - {day: 2, paper: 1001, says: reinstatement, on: 2024-06-01}
      - {day: 3, paper: 10.1000/a, registry: openalex, says: vanished}
      - {day: 4, paper: 10.1000/a, set: {title: Another paper, year: 1999}}
      - {day: 5, trial: NCT00000001, set: {status: TERMINATED, why_stopped: no money}}
      - {day: 6, until: 8, registry: crossref, fails: 429, retry_after: "5", times: 3}
      - {day: 6, registry: europepmc, paper: 10.1000/a, fails: html}

Every event has a `day`, counted from 0; `registry` is one name or a list, left out it is all six. An event
about a `paper` (DOI or PubMed number) either
  says  retraction, withdrawal, concern, correction, reinstatement, retract and republish, unknown type: the
        registry reports such a notice from that day on (`on`, `notice_doi`, `notice_pmid` describe it);
        notice: the paper is itself the notice that retracts `notice_doi`; names itself: Crossref's update-to
        that points at itself; clean: all notices are gone; vanished: the paper is unknown from that day on
  set   changes fields of the paper, as when another paper stands under the identifier
A trial is set too, or says vanished.
A disagreement is an event for some of the registries only. An event that
  fails spoils answers from `day` until `until` (left out: that day only): a status (404, 410, 429, 503, 403,
        ...; with `retry_after`: seconds as text, an HTTP date, or left out), or html, empty, cut, break off,
        error inside, wrong charset, packed wrong (gzip that is none), packed short (its end is missing),
        packed (a gzip bomb), big (200 MB), redirect loop, redirect away, time-out, stall (in the middle of
        the body), drip, renamed field, shrunk. `paper` or `match` limit it to questions that name something,
        `times` to so many questions, `seconds` is for time-out, stall and drip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from studies.sources.standin.papers import Paper, Papers, Said, StandinTrial
from studies.sources.standin.wire import FAULTS, Fault

NAMES = ("crossref", "pubmed", "openalex", "europepmc", "clinicaltrials", "retraction_watch")
SAYS = frozenset(
    {
        *("retraction", "withdrawal", "concern", "correction", "reinstatement", "retract and republish"),
        *("unknown type", "notice", "names itself", "clean", "vanished"),
    }
)
KEYS = frozenset(
    {
        *("day", "until", "paper", "trial", "registry", "says", "set", "on", "notice_doi", "notice_pmid"),
        *("fails", "retry_after", "times", "match", "seconds", "size"),
    }
)
HUGE = 200_000_000
ALWAYS = 10**9


class _Loader(yaml.SafeLoader):
    """YAML in which "on" is a word: YAML 1.1 takes it for a yes."""


_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("true|false"), ["t", "f"])


class ScenarioError(ValueError):
    """A scenario that cannot be played; the message names the event and the mend."""


@dataclass(frozen=True)
class Scenario:
    """What happens on which day. `papers` and `trials` are known besides the corpus' own."""

    papers: tuple[Paper, ...] = ()
    trials: tuple[StandinTrial, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    day_seconds: float | None = None
    keep_limits: bool = False
    speed: float = 1.0
    has_corpus: bool = True

    def knowledge(self, base: Papers, registry: str, day: int) -> Papers:
        """What a registry knows on a day."""
        known = base.copy()
        known.version = f"2026-01-01T09:00:{day:02d}" if day else base.version
        for paper in self.papers:
            known.add(paper)
        for trial in self.trials:
            known.add_trial(trial)
        for event in self.events:
            if event["day"] <= day and registry in event["registry"]:
                _happen(known, event)
        return known

    def faults(self, day: int) -> list[Fault]:
        """What goes wrong on a day. Each is to be counted down by the caller over all its days."""
        return [
            fault
            for event in self.events
            if "fails" in event and event["day"] <= day < event.get("until", event["day"] + 1)
            for fault in event["faults"]
        ]


def read_scenario(file: Path) -> Scenario:
    """Return the scenario of a file. Raises ScenarioError when it cannot be played."""
    return scenario_of(read_yaml(file.read_text()) or {})


def read_yaml(text: str) -> Any:
    """Return what a text in YAML says, with "on" as a word. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader


def scenario_of(data: Mapping[str, Any]) -> Scenario:
    """Return the scenario that the content of a file describes. Raises ScenarioError."""
    limits = data.get("rate_limits") or {}
    try:
        return Scenario(
            papers=tuple(Paper(**_tuples(each)) for each in data.get("papers") or ()),
            trials=tuple(StandinTrial(**_tuples(each)) for each in data.get("trials") or ()),
            events=tuple(_event(n, each) for n, each in enumerate(data.get("events") or ())),
            day_seconds=data.get("day_seconds"),
            keep_limits=bool(limits.get("keep")),
            speed=float(limits.get("speed", 1)),
            has_corpus=bool(data.get("corpus", True)),
        )
    except TypeError as error:
        raise ScenarioError(f"a paper or trial has a field that does not exist: {error}") from None


def _event(number: int, data: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = set(data) - KEYS
    if unknown:
        raise ScenarioError(f"event {number}: {', '.join(sorted(unknown))} is not known")
    event = {"day": 0, **data, "registry": _registries(number, data.get("registry"))}
    if "says" in event and event["says"] not in SAYS:
        raise ScenarioError(f"event {number}: a registry cannot say {event['says']}")
    if not {"says", "set", "fails"} & set(event):
        raise ScenarioError(f"event {number}: it must say, set or fail something")
    if "fails" in event:
        event["faults"] = [_fault(number, event, name) for name in event["registry"]]
    return event


def _registries(number: int, given: Any) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given or NAMES)
    for name in names:
        if name not in NAMES:
            raise ScenarioError(f"event {number}: {name} is no registry; there are {', '.join(NAMES)}")
    return names


def _fault(number: int, event: Mapping[str, Any], registry: str) -> Fault:
    what = event["fails"]
    kind, status = ("status", what) if isinstance(what, int) else (str(what), 500)
    if kind not in FAULTS:
        raise ScenarioError(f"event {number}: {what} is no fault; there are {', '.join(sorted(FAULTS))}")
    return Fault(
        kind,
        times=event.get("times", ALWAYS),
        match=str(event.get("match") or event.get("paper") or event.get("trial") or ""),
        registry=registry,
        status=status,
        retry_after=event.get("retry_after"),
        seconds=event.get("seconds", 5.0),
        size=event.get("size", HUGE if kind == "big" else Fault.size),
    )


def _happen(known: Papers, event: Mapping[str, Any]) -> None:
    trial = known.trials.get(event.get("trial", ""))
    if trial and "set" in event:
        known.add_trial(replace(trial, **_tuples(event["set"])))
    elif trial and event.get("says") == "vanished":
        del known.trials[trial.registry_id]
    paper = known.find(event["paper"]) if "paper" in event else None
    if paper is None:
        return
    if "set" in event:
        known.add(replace(paper, **_tuples(event["set"])))
    elif event.get("says") == "vanished":
        known.remove(paper)
    elif "says" in event:
        known.add(_saying(paper, event))


def _saying(paper: Paper, event: Mapping[str, Any]) -> Paper:
    says, notice_doi = event["says"], event.get("notice_doi", "10.1000/notice")
    if says == "clean":
        return replace(paper, notices=(), updated_by=(), links=(), is_retracted=None)
    if says == "notice":
        return replace(paper, notice_of=notice_doi, title=f"Retraction: {paper.title}")
    if says == "names itself":
        itself = {"DOI": paper.doi, "type": "correction", "label": "Correction", "source": "publisher"}
        return replace(paper, update_to=(itself,), updated_by=(itself,))
    said = Said(says, str(event.get("on", "2024-02-03")), notice_doi, event.get("notice_pmid"))
    return replace(paper, notices=(*paper.notices, said))


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as the tuples that a paper holds; a date as it was written."""
    return {
        name: tuple(value)
        if isinstance(value, list)
        else value
        if isinstance(value, int | float | bool | str | None)
        else str(value)
        for name, value in fields.items()
    }
