"""The environment, read once and checked: a bad value stops the start with a line naming it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent


def _check_url(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and urlsplit(value).scheme not in schemes:
            raise ValueError(f"must start with one of {', '.join(s + '://' for s in schemes)}")
        _ = urlsplit(value).port  # raises where it is no number
        return value

    return AfterValidator(check)


HttpUrl = Annotated[str, _check_url("http", "https")]
# A relative path means the same from wherever a command is started.
Place = Annotated[Path, AfterValidator(lambda path: BASE_DIR / path.expanduser())]


class Environment(BaseSettings):
    """Every setting of the site. `.env.example` explains each to whoever runs it."""

    model_config = SettingsConfigDict(env_file=BASE_DIR / ".env", extra="ignore", env_ignore_empty=True)

    # Where things are kept. Empty addresses mean the embedded services under data_dir.
    data_dir: Place = BASE_DIR / ".data"
    database_url: Annotated[str, _check_url("postgres", "postgresql")] = ""
    redis_url: Annotated[str, _check_url("redis", "rediss", "unix")] = ""
    opensearch_url: HttpUrl = ""  # empty: PostgreSQL searches
    evidence_dir: Place = BASE_DIR / "evidence"

    # The web process.
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    debug: bool = False
    secret_key: str = ""
    allowed_hosts: Annotated[list[str], NoDecode] = ["localhost", "127.0.0.1", "[::1]"]
    public_url: HttpUrl = "http://localhost:8000"
    behind_proxy: bool = False
    language_code: Literal["en-gb", "de"] = "en-gb"
    pages_memory_mb: Annotated[int, Field(ge=0, le=100_000)] = 32

    # Where the registries are asked, and as whom.
    crossref_url: HttpUrl = "https://api.crossref.org"
    ncbi_url: HttpUrl = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    openalex_url: HttpUrl = "https://api.openalex.org"
    europepmc_url: HttpUrl = "https://www.ebi.ac.uk/europepmc/webservices/rest"
    clinicaltrials_url: HttpUrl = "https://clinicaltrials.gov/api/v2"
    retraction_watch_csv: str = ""
    contact_email: str = ""
    ncbi_api_key: str = ""
    openalex_api_key: str = ""
    registry_speed: Annotated[float, Field(gt=0)] = 1

    @model_validator(mode="after")
    def keep_the_pace_outside(self) -> Environment:
        """Only stand-ins on this machine may be asked faster than the registries allow."""
        addresses = (
            self.crossref_url,
            self.ncbi_url,
            self.openalex_url,
            self.europepmc_url,
            self.clinicaltrials_url,
            self.retraction_watch_csv,
        )
        hosts = {urlsplit(address).hostname for address in addresses if "://" in address}
        if self.registry_speed > 1 and hosts - {"127.0.0.1", "localhost", "::1"}:
            raise ValueError(
                "REGISTRY_SPEED above 1 is for stand-ins on this machine: set every registry's address"
            )
        return self

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def split_hosts(cls, value: object) -> object:
        """Names with commas between them."""
        return (
            [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value
        )


def read_environment() -> Environment:
    """Return the checked environment; exit with one line per bad value otherwise."""
    try:
        return Environment()
    except ValidationError as error:
        for complaint in error.errors(include_url=False):
            name = str(complaint["loc"][0]).upper() if complaint["loc"] else "environment"
            why = complaint["msg"].removeprefix("Value error, ")
            sys.stderr.write(f"Setting {name} is not usable: {why}. See .env.example.\n")
        raise SystemExit(2) from None
