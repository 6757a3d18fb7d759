"""Where the marks of a forest plot stand.

In (all from conditions.domain.forest_entry): one ForestQuestion, the studies (ForestStudy) in the order in
which they are to be read, and what they add up to (ForestPool, one a model; none where nothing is pooled).
Out: a ForestPicture for templates/conditions/_chart_forest.html, shown by

    {% load pictures %}{% forest_chart picture "forest-pain" %}

with a name that is unique on the page. Everything that a page needs is in the picture, the table's rows
included.

What is drawn: a square whose area is the study's weight and a line that is its interval; a study that is not
in the pool has a hollow dot and no weight; a retracted one is struck as well; the pooled effect is a diamond
as wide as its interval, with the prediction interval as a line under it. The axis has no effect in its
middle. It holds every estimate, every pooled interval and that of the most precise study; the
interval of another study may leave it, and then ends in an arrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, sqrt

from conditions.domain.forest_entry import ForestPool, ForestQuestion, ForestStudy
from conditions.domain.forest_table import (
    TableRow,
    lights_used,
    summarise,
    tell_pool,
    tell_study,
    write_effect,
)
from studies.domain.chart_axis import (
    MARGIN,
    TEXT,
    WIDTH,
    ChartAxis,
    Span,
    ratio_axis,
    shorten,
    symmetric_axis,
    text_width,
)
from studies.domain.speech import Speech
from studies.domain.vocabulary import LABELS

LIGHT = 18.0
TOP, ROW, POOL_ROW, PREDICTION = 4.0, 40.0, 42.0, 12.0
LARGEST_SQUARE, SMALLEST_SQUARE, HALF_DIAMOND = 18.0, 3.0, 7.0
# Intervals of studies lengthen the axis up to this many times what the estimates and pools need.
STRETCH = 1.6
SMALLEST_REACH = 1e-6


@dataclass(frozen=True)
class Square:
    x: float
    y: float
    side: float


@dataclass(frozen=True)
class DrawnStudy:
    """One row: name and numbers on the first line, the marks on the second."""

    study: ForestStudy
    label: str
    label_y: float
    numbers: str
    y: float
    x: float
    span: Span | None
    arrows: tuple[str, ...]
    square: Square | None

    @property
    def light_y(self) -> float:
        """The middle of the light that stands before the name."""
        return round(self.label_y - TEXT * 0.36, 1)


@dataclass(frozen=True)
class DrawnPool:
    pool: ForestPool
    label: str
    label_y: float
    numbers: str
    diamond: str
    x1: float
    x2: float
    prediction: Span | None
    prediction_y: float
    prediction_arrows: tuple[str, ...]


@dataclass(frozen=True)
class ForestPicture:
    question: ForestQuestion
    title: str
    summary: str
    width: float
    height: float
    axis: ChartAxis
    axis_y: float
    null_x: float
    important: tuple[float, float] | None
    better_left: str
    better_right: str
    studies: tuple[DrawnStudy, ...]
    pools: tuple[DrawnPool, ...]
    table: tuple[TableRow, ...]
    pool_table: tuple[TableRow, ...]
    lights: tuple[tuple[str, str, str], ...]

    @property
    def label_y(self) -> float:
        """The baseline of the numbers under the axis."""
        return self.axis_y + 17

    @property
    def better_y(self) -> float:
        """The baseline of the words that say which side is better."""
        return self.axis_y + 37

    @property
    def light_x(self) -> float:
        """The middle of the lights."""
        return MARGIN + LIGHT / 2

    @property
    def name_x(self) -> float:
        """Where the names of the studies begin."""
        return MARGIN + LIGHT + 4

    @property
    def has_arrows(self) -> bool:
        return any(row.arrows for row in self.studies) or any(row.prediction_arrows for row in self.pools)

    @property
    def has_unweighted(self) -> bool:
        return any(row.square is None for row in self.studies)

    @property
    def has_prediction(self) -> bool:
        return any(pool.prediction for pool in self.pools)


def draw_forest(
    question: ForestQuestion, studies: Sequence[ForestStudy], pools: Sequence[ForestPool] = ()
) -> ForestPicture | None:
    """Return the picture; None where no study has an effect that could be drawn.

    Raises:
        ValueError: a number is not finite, or a ratio is not above 0; the message names the study.
    """
    drawable = [study for study in studies if study.effect is not None]
    _check(question, drawable, pools)
    if not drawable:
        return None
    axis, speech = _axis(question, drawable, pools), question.speech
    rows = tuple(_draw_study(study, TOP + ROW * place, axis, speech) for place, study in enumerate(drawable))
    drawn, axis_y = _draw_pools(pools, TOP + ROW * len(rows), axis, speech)
    left, right = _better_words(question)
    return ForestPicture(
        question=question,
        title=speech.say("Forest plot of %(question)s", question=question.words),
        summary=summarise(studies, drawable, pools, speech),
        width=WIDTH,
        height=round(axis_y + (46 if left else 26), 1),
        axis=axis,
        axis_y=round(axis_y, 1),
        null_x=axis.place(question.null),
        important=_important(question, axis),
        better_left=left,
        better_right=right,
        studies=rows,
        pools=drawn,
        table=tuple(tell_study(study, speech) for study in studies),
        pool_table=tuple(tell_pool(pool, speech) for pool in pools),
        lights=lights_used(drawable),
    )


def _check(question: ForestQuestion, studies: Iterable[ForestStudy], pools: Iterable[ForestPool]) -> None:
    found = [(study.label, (study.effect, study.ci_low, study.ci_high)) for study in studies]
    found += [(pool.label, (pool.effect, pool.ci_low, pool.ci_high)) for pool in pools]
    found += [(pool.label, (None, pool.prediction_low, pool.prediction_high)) for pool in pools]
    for label, numbers in found:
        for number in numbers:
            if number is not None and (not isfinite(number) or (question.is_ratio and number <= 0)):
                raise ValueError(f"{label}: {number} is no {LABELS[question.measure].lower()}")


def _axis(question: ForestQuestion, studies: Sequence[ForestStudy], pools: Sequence[ForestPool]) -> ChartAxis:
    """The axis, with no effect in its middle; reach is counted from there, for ratios in logarithms."""
    held = [study.effect for study in studies] + _narrowest(question, studies)
    held += [end for pool in pools for end in (pool.ci_low, pool.ci_high)]
    stretching = [end for study in studies for end in (study.ci_low, study.ci_high)]
    stretching += [end for pool in pools for end in (pool.prediction_low, pool.prediction_high)]
    needed = max(SMALLEST_REACH, _reach(question, held), question.minimal_important or 0)
    reach = max(needed, min(_reach(question, stretching), needed * STRETCH))
    ends = {"left": MARGIN, "right": WIDTH - MARGIN}
    return ratio_axis(exp(min(reach, 700)), **ends) if question.is_ratio else symmetric_axis(reach, **ends)


def _narrowest(question: ForestQuestion, studies: Sequence[ForestStudy]) -> list[float]:
    """The interval of the most precise study, as its two ends; empty where none has one."""
    intervals = [(s.ci_low, s.ci_high) for s in studies if s.ci_low is not None and s.ci_high is not None]
    widths = [log(high / low) if question.is_ratio else high - low for low, high in intervals]
    return list(intervals[widths.index(min(widths))]) if intervals else []


def _reach(question: ForestQuestion, values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return max((abs(log(value) if question.is_ratio else value) for value in known), default=0.0)


def _draw_study(study: ForestStudy, top: float, axis: ChartAxis, speech: Speech) -> DrawnStudy:
    y = round(top + 28, 1)
    effect = study.effect or 0.0
    numbers = write_effect(study.effect, study.ci_low, study.ci_high, speech)
    span = None
    if study.ci_low is not None and study.ci_high is not None:
        span = axis.span(study.ci_low, study.ci_high)
    x = axis.place(effect)
    return DrawnStudy(
        study,
        shorten(study.label, WIDTH - 2 * MARGIN - LIGHT - 10 - text_width(numbers)),
        round(top + 14, 1),
        numbers,
        y,
        x,
        span,
        span.arrows(y) if span else (),
        _square(study, x, y),
    )


def _square(study: ForestStudy, x: float, y: float) -> Square | None:
    """A square whose area is the weight; a study without weight has none."""
    if not study.is_in_pool or study.weight_percent is None:
        return None
    side = max(SMALLEST_SQUARE, LARGEST_SQUARE * sqrt(study.weight_percent / 100))
    return Square(round(x - side / 2, 2), round(y - side / 2, 2), round(side, 2))


def _draw_pools(
    pools: Sequence[ForestPool], top: float, axis: ChartAxis, speech: Speech
) -> tuple[tuple[DrawnPool, ...], float]:
    """The pools one under another, and where the axis stands below them."""
    drawn, y = [], top + 4
    for pool in pools:
        found = _draw_pool(pool, y, axis, speech)
        drawn.append(found)
        y += POOL_ROW + (PREDICTION if found.prediction else 0)
    return tuple(drawn), y + 4


def _draw_pool(pool: ForestPool, top: float, axis: ChartAxis, speech: Speech) -> DrawnPool:
    y = top + 28
    numbers = write_effect(pool.effect, pool.ci_low, pool.ci_high, speech)
    label = speech.say(pool.label)
    x1, x, x2 = axis.place(pool.ci_low), axis.place(pool.effect), axis.place(pool.ci_high)
    prediction = None
    if pool.prediction_low is not None and pool.prediction_high is not None:
        prediction = axis.span(pool.prediction_low, pool.prediction_high)
    prediction_y = round(y + HALF_DIAMOND + 7, 1)
    return DrawnPool(
        pool,
        shorten(label, WIDTH - 2 * MARGIN - 6 - text_width(numbers), is_bold=True),
        round(top + 14, 1),
        numbers,
        f"{x1:.1f},{y:.1f} {x:.1f},{y - HALF_DIAMOND:.1f} {x2:.1f},{y:.1f} {x:.1f},{y + HALF_DIAMOND:.1f}",
        x1,
        x2,
        prediction,
        prediction_y,
        prediction.arrows(prediction_y) if prediction else (),
    )


def _important(question: ForestQuestion, axis: ChartAxis) -> tuple[float, float] | None:
    """x and width of the band of differences too small to matter."""
    if not question.minimal_important or question.is_ratio:
        return None
    left, right = axis.place(-question.minimal_important), axis.place(question.minimal_important)
    return left, round(right - left, 2)


def _better_words(question: ForestQuestion) -> tuple[str, str]:
    """What the left and the right half mean; empty where the record does not say what is better."""
    if question.is_lower_better is None:
        return "", ""
    room = WIDTH / 2 - MARGIN - TEXT
    speech = question.speech
    other = speech.say("favours %(comparator)s", comparator=speech.say(question.comparator))
    short = other if text_width(other) <= room else speech.say("favours the other")
    words = speech.say("favours LDN"), short
    return words if question.is_lower_better else (words[1], words[0])
