"""What may be asked of the calculator of pools, and how it answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, RootModel, Tag, model_validator

MOST_STUDIES = 10_000

PoolMethod = Literal["IV", "DL", "PM", "REML", "ML"]
CountsMethod = Literal["IV", "MH", "Peto", "DL", "PM", "REML", "ML"]

# Wide enough for any scale, narrow enough for squares and products to stay within floating point.
Value = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Spread = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Variance = Annotated[float, Field(ge=1e-12, le=1e12, allow_inf_nan=False)]
People = Annotated[int, Field(ge=1, le=10**9)]
Events = Annotated[int, Field(ge=0, le=10**9)]
Level = Annotated[float, Field(ge=0.5, le=0.9999, allow_inf_nan=False)]


class Strict(BaseModel):
    """A text is no number, and a field that does not exist is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class CountsStudy(Strict):
    """People with the event, of all people, on both sides."""

    events_e: Events
    n_e: People
    events_c: Events
    n_c: People

    @model_validator(mode="after")
    def _events_within_n(self) -> Self:
        for side in ("e", "c"):
            events, n = getattr(self, f"events_{side}"), getattr(self, f"n_{side}")
            if events > n:
                raise ValueError(f"events_{side} is {events}, more than n_{side}, which is {n}.")
        return self


class MeansStudy(Strict):
    """Mean, standard deviation and people on both sides."""

    mean_e: Value
    sd_e: Spread
    n_e: People
    mean_c: Value
    sd_c: Spread
    n_c: People

    @model_validator(mode="after")
    def _has_a_spread(self) -> Self:
        if self.sd_e == self.sd_c == 0:
            raise ValueError("sd_e and sd_c are both 0: such a study has no variance.")
        if self.n_e + self.n_c < 4:
            raise ValueError("n_e and n_c are fewer than 4 people together.")
        return self


class GenericStudy(Strict):
    """An effect and its variance: on the log scale for ratios."""

    effect: Value
    variance: Variance


class Options(Strict):
    """How to pool. `ci` left out: normal for IV, MH and Peto, else hartung_knapp_guarded."""

    ci: Literal["normal", "hartung_knapp", "hartung_knapp_guarded"] | None = None
    prediction: Literal["t_km1", "t_km2", "normal"] = "t_km1"
    i2: Literal["Q", "tau2"] = Field("Q", description="What I2 and H2 are computed from.")
    level: Level = 0.95


class CountsRequest(Options):
    """Two-by-two tables. Peto gives an OR; MH and Peto have a normal interval and no tau2."""

    kind: Literal["2x2"]
    measure: Literal["RR", "OR", "RD"]
    method: CountsMethod = "REML"
    studies: Annotated[list[CountsStudy], Field(max_length=MOST_STUDIES)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.method == "Peto" and self.measure != "OR":
            raise ValueError("measure: Peto's method gives an odds ratio: use OR.")
        if self.method in ("MH", "Peto") and self.ci not in (None, "normal"):
            raise ValueError(f"ci: {self.method} has only a normal interval.")
        return self


class MeansRequest(Options):
    """Means with standard deviations."""

    kind: Literal["means"]
    measure: Literal["MD", "SMD"]
    method: PoolMethod = "REML"
    smd: Literal["exact", "revman"] = Field("exact", description="The correction of Hedges' g.")
    equal_variances: bool = Field(False, description="Whether an MD shares one standard deviation.")
    studies: Annotated[list[MeansStudy], Field(max_length=MOST_STUDIES)]


class GenericRequest(Options):
    """Effects with variances, whatever they are."""

    kind: Literal["generic"]
    measure: Annotated[str, Field(max_length=40)] = "generic"
    method: PoolMethod = "REML"
    studies: Annotated[list[GenericStudy], Field(max_length=MOST_STUDIES)]


def _kind_of(data: Any) -> str | None:
    kind = data.get("kind") if isinstance(data, dict) else getattr(data, "kind", None)
    return kind if isinstance(kind, str) else None


class PoolRequest(
    RootModel[
        Annotated[
            Annotated[CountsRequest, Tag("2x2")]
            | Annotated[MeansRequest, Tag("means")]
            | Annotated[GenericRequest, Tag("generic")],
            Discriminator(_kind_of),
        ]
    ]
):
    """Studies to pool, of one kind."""


class StudyAnswer(BaseModel):
    """One study's effect and variance (null: it tells nothing of this measure), and its weight in percent."""

    effect: float
    variance: float | None
    weight_percent: float


class PoolAnswer(BaseModel):
    """The pooled result, on the log scale for RR and OR. Null: it cannot be told from these studies."""

    k: int
    scale: Literal["log", "as given"]
    note: str | None
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    z_or_t: float | None
    p: float | None
    tau2: float | None
    tau2_ci: list[float] | None
    I2: float | None
    I2_ci: list[float] | None
    H2: float | None
    Q: float | None
    Q_p: float | None
    prediction_low: float | None
    prediction_high: float | None
    per_study: list[StudyAnswer]
