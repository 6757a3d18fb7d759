"""The table of registries: what each is asked about, in batches of how many, and with which client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from studies.domain.bibliography import RegistryName
from studies.sources.answer import PaperIds
from studies.sources.clinicaltrials import ClinicalTrialsClient
from studies.sources.crossref import CrossrefClient
from studies.sources.europepmc import EuropePmcClient
from studies.sources.openalex import OpenAlexClient
from studies.sources.pubmed import PubmedClient
from studies.sources.registry import ClientOptions, RegistryClient
from studies.sources.retraction_watch import RetractionWatchClient


@dataclass(frozen=True)
class Registry:
    """One registry, and how it is asked.

    `fields`: the fields of a study (of a trial: registry_id) whose values are identifiers there, best first.
    `address` and `api_key`: the names of the settings that hold them; api_key may be "".
    `can_describe`: its bibliographic fields are good enough to fill gaps and to be proposed; the facts of
    the others serve for the identity check and the notices alone.
    `lists_notices_only`: it knows only papers with a notice, so that Unknown means "nothing listed".
    `tells_concerns`: it has a word for an expression of concern; one that has not is not silent about it.
    `every_days`, `unknown_every_days`: when to ask again about what it knows, and about what it does not.
    """

    name: RegistryName
    client: type[RegistryClient[Any, Any]]
    fields: tuple[str, ...]
    address: str
    api_key: str = ""
    can_describe: bool = True
    lists_notices_only: bool = False
    tells_concerns: bool = True
    every_days: int = 7
    unknown_every_days: int = 30

    @property
    def title(self) -> str:
        return self.client.title

    @property
    def batch_size(self) -> int:
        return self.client.batch_size

    @property
    def is_for_trials(self) -> bool:
        return "registry_id" in self.fields

    def key_of(self, values: Mapping[str, Any]) -> Any:
        """Return what to ask with, from a study's fields; None when it has no identifier of use here.

        A DOI or registration number is a str, a PubMed number an int; a list of notices is searched by both
        at once (PaperIds), because a row may carry either.
        """
        if self.lists_notices_only:
            ids = PaperIds(values.get("doi"), values.get("pmid"))
            return ids if any(ids) else None
        return next((values[field] for field in self.fields if values.get(field)), None)

    def still_names(self, key: Any, values: Mapping[str, Any]) -> bool:
        """Whether a study with these fields is still the one that was asked about with `key`."""
        asked = {each for each in key if each} if self.lists_notices_only else {key}
        return asked <= {values.get(field) for field in self.fields}

    def open(self, address: str, **options: Unpack[ClientOptions]) -> RegistryClient[Any, Any]:
        """Return a client; close() it in the end. See RegistryClient.fetch for what it answers."""
        return self.client(address, **options)


def _by_name(registries: Iterable[Registry]) -> Mapping[str, Registry]:
    return {registry.name: registry for registry in registries}


REGISTRIES = _by_name(
    (
        Registry("crossref", CrossrefClient, ("doi",), "CROSSREF_URL"),
        Registry("pubmed", PubmedClient, ("pmid",), "NCBI_URL", "NCBI_API_KEY"),
        Registry(
            "openalex",
            OpenAlexClient,
            ("doi", "pmid"),
            "OPENALEX_URL",
            "OPENALEX_API_KEY",
            can_describe=False,
            tells_concerns=False,
        ),
        Registry("europepmc", EuropePmcClient, ("doi", "pmid"), "EUROPEPMC_URL"),
        Registry("clinicaltrials", ClinicalTrialsClient, ("registry_id",), "CLINICALTRIALS_URL"),
        Registry(
            "retraction_watch",
            RetractionWatchClient,
            ("doi", "pmid"),
            "RETRACTION_WATCH_CSV",
            can_describe=False,
            lists_notices_only=True,
            every_days=1,
            unknown_every_days=1,
        ),
    )
)
