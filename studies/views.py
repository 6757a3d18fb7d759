"""The pages of studies, doses, side effects, trials and changes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Concat, Replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate

from studies.domain.dosing import is_above_low_dose
from studies.domain.trial_reports import count_arms_once
from studies.domain.trial_state import STATE_LABELS, TrialState
from studies.domain.vocabulary import Design, DesignGroup
from studies.filters import StudyFilter
from studies.models import Arm, SideEffect, SideEffectReport, Study, Trial
from studies.services.exporting import read_reference
from studies.services.glossary import load_glossary
from studies.services.ledger import describe_status
from studies.services.speech import READERS, RECORDS_LANGUAGE, is_records_language

PAGE_SIZE = 25
# Only where somebody is given something can anyone be blinded to it.
BLINDABLE = {DesignGroup.RANDOMISED, DesignGroup.OTHER_TRIAL, DesignGroup.PROTOCOL}


def study_list(request: HttpRequest) -> HttpResponse:
    studies = Study.objects.published().newest_first().with_arms().with_conditions()
    filters = StudyFilter(request.GET, queryset=studies)
    translate_form(filters.form)
    context = {
        "filter": filters,
        "page": paginate(request, filters.qs if filters.is_valid() else studies.none()),
        "query": _other_parameters(request),
        "chosen": _chosen(filters.form),
    }
    return render(request, "studies/study_list.html", context, status=200 if filters.is_valid() else 400)


@dataclass(frozen=True)
class ChosenFilter:
    """A filter that is set, as the form shows it; names of records are in their own language."""

    label: str
    words: str
    is_content: bool


def _chosen(form: forms.Form) -> list[ChosenFilter]:
    """Return the filters that are set, for the form that shows them may be folded or not be printed."""
    found = []
    for name, field in form.fields.items():
        value = str(form.data.get(name, "")).strip()
        if value and name not in form.errors:
            labels = {str(word): str(label) for word, label in getattr(field, "choices", ())}
            is_content = not isinstance(field, forms.ChoiceField) or isinstance(field, forms.ModelChoiceField)
            found.append(ChosenFilter(str(field.label), labels.get(value, value), is_content))
    return found


def translate_form(form: forms.Form) -> None:
    """Put labels and choices of a form into the language of the page; names of records stay as they are."""
    for field in form.fields.values():
        field.label = READERS.say(str(field.label))
        adds_empty = getattr(field, "empty_label", None)
        if adds_empty:
            field.empty_label = READERS.say(str(adds_empty))  # type: ignore[attr-defined]
        if isinstance(field, forms.ModelChoiceField):
            field.widget = NamesOfRecords(attrs=field.widget.attrs)
            field.widget.choices = field.choices
        elif isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            own = [(word, label) for word, label in choices if word or not adds_empty]
            field.choices = [(word, READERS.say(str(label))) for word, label in own]


class NamesOfRecords(forms.Select):
    """A choice among names from the records, each in the language of the records."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if value and not is_records_language():
            option["attrs"]["lang"] = RECORDS_LANGUAGE
        return option


def paginate(request: HttpRequest, items: QuerySet[Any]) -> Page[Any]:
    """The page that the address names; one that is no number, or beyond the end, is the nearest there is."""
    return Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))


def _other_parameters(request: HttpRequest) -> str:
    """The address' parameters but for the page, ready for another one to follow."""
    parameters = request.GET.copy()
    parameters.pop("page", None)
    return f"{parameters.urlencode()}&" if parameters else ""


def study_detail(request: HttpRequest, key: str) -> HttpResponse:
    study = get_object_or_404(Study.objects.published().with_record().with_lists(), key=key)
    arms = list(study.arms.all())
    context = {
        "study": study,
        "arms": arms,
        "status_sentence": describe_status(study, READERS),
        "uses": find_uses(study),
        "is_above_low_dose": is_above_low_dose(arms),
        "has_blinding": study.group in BLINDABLE,
        "reference": read_reference(study).item,
    }
    return render(request, "studies/study_detail.html", context)


def find_uses(study: Study) -> list[tuple[str, str, str]]:
    """Kind, address part and text of the claims, trials and pools that the study is in, in one query."""
    claims = study.claim_evidence.values_list("stance", "claim__slug", "claim__statement").order_by()
    trials = study.trials.annotate(kind=Value("trial")).values_list("kind", "registry_id", "title").order_by()
    pools = (
        study.pool_rows.filter(is_in=True, pool__is_main=True)
        .annotate(
            kind=Value("pool"),
            part=Concat("pool__condition__slug", Value("/pools/"), "pool__slug", output_field=TextField()),
            text=Concat(
                "pool__condition__name",
                Value(": "),
                Replace("pool__domain", Value("_"), Value(" ")),
                output_field=TextField(),
            ),
        )
        .values_list("kind", "part", "text")
        .order_by()
    )
    return list(claims.union(trials, pools, all=True))


def doses(request: HttpRequest) -> HttpResponse:
    given = Arm.objects.published().given_ldn().with_study()
    arms = [arm for arm in given if hasattr(arm, "dose") and not arm.study.sums_up_others]
    daily = [DailyDose(arm, mg) for arm in arms if (mg := arm.dose.daily_mg) is not None]
    taken = [dose for dose in daily if dose.arm.study.design != Design.TRIAL_PROTOCOL]
    context = {
        "tested": _by_amount([dose for dose in taken if dose.arm.study.is_randomised]),
        "practice": _by_amount([dose for dose in taken if not dose.arm.study.is_randomised]),
        "planned": _by_amount([dose for dose in daily if dose not in taken]),
        "other": [arm for arm in arms if arm.dose.daily_mg is None],
        "schedules": [arm for arm in arms if arm.dose.steps.all()],
        "arms": arms,
    }
    return render(request, "studies/dose_list.html", context)


@dataclass(frozen=True)
class DailyDose:
    """An arm and the daily dose that it reached."""

    arm: Arm
    amount_mg: Decimal


@dataclass(frozen=True)
class AmountRow:
    """All arms that reached one daily dose.

    Those of papers that were taken back are not counted; of several reports of one trial, one is.
    """

    amount_mg: Decimal
    arms: list[Arm]

    @property
    def counted(self) -> list[Arm]:
        standing = [arm for arm in self.arms if not arm.study.is_gone]
        return count_arms_once(standing, lambda arm: arm.dose.daily_mg)

    @property
    def studies(self) -> list[Study]:
        """The studies of the arms, each once."""
        return list(dict.fromkeys(arm.study for arm in self.arms))

    @property
    def n_people(self) -> int:
        return sum(arm.n or 0 for arm in self.counted)

    @property
    def n_without_size(self) -> int:
        return sum(arm.n is None for arm in self.counted)


def _by_amount(doses: list[DailyDose]) -> list[AmountRow]:
    amounts = sorted({dose.amount_mg for dose in doses})
    return [AmountRow(mg, [dose.arm for dose in doses if dose.amount_mg == mg]) for mg in amounts]


def side_effect_list(request: HttpRequest) -> HttpResponse:
    reports = SideEffectReport.objects.published().select_related("study").prefetch_related("counts")
    context = {
        "side_effects": SideEffect.objects.reported(),
        "counted": [
            report
            for report in reports.order_by("-study__year", "study__key", "position")
            if report.counts.all()
        ],
    }
    return render(request, "studies/side_effect_list.html", context)


def side_effect_detail(request: HttpRequest, slug: str) -> HttpResponse:
    side_effect = get_object_or_404(SideEffect, slug=slug)
    reports = list(
        SideEffectReport.objects.published()
        .filter(side_effect=side_effect)
        .with_counts()
        .order_by("-study__year", "study__key", "position")
    )
    context = {
        "side_effect": side_effect,
        "compared": [report for report in reports if len(report.counts.all()) == 2],
        "uncompared": [report for report in reports if len(report.counts.all()) == 1],
        "uncounted": [report for report in reports if not report.counts.all()],
    }
    return render(request, "studies/side_effect_detail.html", context)


def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "studies/glossary.html", {"terms": load_glossary().terms})


def trial_list(request: HttpRequest) -> HttpResponse:
    today = localdate()
    trials = list(Trial.objects.with_conditions())
    context = {
        "overdue": [trial for trial in trials if trial.is_overdue_on(today)],
        "states": [
            (state, label, [trial for trial in trials if trial.state == state])
            for state, label in STATE_LABELS.items()
        ],
        "n_trials": len(trials),
        "n_with_results": sum(_has_standing_results(trial) for trial in trials),
    }
    return render(request, "studies/trial_list.html", context)


def _has_standing_results(trial: Trial) -> bool:
    """Whether a published study here reports them that was not taken back."""
    return trial.published_results is not None and not trial.published_results.is_gone


def trial_detail(request: HttpRequest, registry_id: str) -> HttpResponse:
    found = Trial.objects.with_conditions().filter(registry_id=registry_id)
    trial = None if "\x00" in registry_id else found.first()  # PostgreSQL cannot be asked for a NUL
    if trial is None:
        raise Http404(f"There is no trial {registry_id} here.")
    context = {
        "trial": trial,
        "is_overdue": trial.is_overdue_on(localdate()),
        "reports": Study.objects.published().filter(registry_ids__contains=[registry_id]),
        "is_withdrawn": trial.state == TrialState.WITHDRAWN,
    }
    return render(request, "studies/trial_detail.html", context)
