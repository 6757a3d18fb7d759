"""Texts that stand in tables of the code and are said by their name: labels, choices, rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Message:
    """A text as it stands in the code; `many` where it is counted, `context` where one word has two uses."""

    text: str
    many: str = ""
    context: str = ""


def find_labels() -> Iterator[tuple[Message, str]]:
    """Each text with the file that holds it; those that stand within sentences a second time, as such."""
    for module, texts in _labels():
        yield from ((Message(text), module) for text in texts)
    for module, texts in _labels_within():
        yield from ((Message(text, context="within a sentence"), module) for text in texts)
    from conditions.domain import statement

    nouns = {name for name, *_ in statement.OUTCOMES.values()}
    verbs = {verb for _, *pair in statement.OUTCOMES.values() for verb in pair}
    forms = {form for forms in statement.FORMS.values() for form in forms}
    for text in nouns | verbs | forms:
        yield Message(text, context="object"), "conditions/domain/statement.py"


def _labels() -> Iterator[tuple[str, Iterable[str]]]:
    from conditions import answers
    from conditions.domain import certainty, forest_entry, number_words, question, statement, stored_words
    from conditions.domain.cascade import AnswerKind
    from conditions.domain.finding import PLACE_LABELS
    from conditions.models import SafetyFact, claim, condition
    from conditions.templatetags import pools
    from readers import forms as readers_forms
    from search import views as search_views
    from search.models import Kind
    from studies.domain import dosing, risk_of_bias, trial_state, vocabulary
    from studies.models import Notice
    from studies.services.exporting import FORMATS

    yield "studies/domain/vocabulary.py", vocabulary.LABELS.values()
    yield "studies/domain/vocabulary.py", [kind.value for kind in vocabulary.SourceKind]
    yield "studies/domain/trial_state.py", trial_state.STATE_LABELS.values()
    yield "studies/domain/dosing.py", dosing.BAND_LABELS.values()
    yield "studies/domain/risk_of_bias.py", _of_risk_of_bias(risk_of_bias)
    yield "studies/models/registry.py", Notice.Kind.labels
    yield "studies/services/exporting.py", [form.label for form in FORMATS.values() if " " in form.label]
    yield "studies/filters.py", _of_filters()
    yield "conditions/models/condition.py", condition.CATEGORY_LABELS.values()
    for labels in (claim.VERDICT_LABELS, claim.STANCE_LABELS, claim.TOPIC_LABELS):
        yield "conditions/models/claim.py", labels.values()
    yield "conditions/models/safety.py", [*SafetyFact.Kind.labels, *SafetyFact.Level.labels]
    yield "conditions/domain/finding.py", PLACE_LABELS.values()
    yield "conditions/domain/question.py", question.COMPARATOR_LABELS.values()
    yield "conditions/domain/statement.py", [*statement.SENTENCES.values(), *statement.UNSIZED.values()]
    yield "conditions/domain/certainty.py", certainty.LEVEL_LABELS.values()
    yield "conditions/domain/forest_entry.py", forest_entry.LIGHT_LABELS.values()
    yield "conditions/domain/number_words.py", number_words.SHORT_MEASURES.values()
    yield "conditions/domain/cascade.py", [kind.capitalize() for kind in AnswerKind]
    yield "conditions/domain/certainty_rules.py", _of_certainty_rules()
    yield "conditions/domain/verdict_rules.py", _of_verdict_rules()
    yield "conditions/domain/stored_words.py", [*stored_words.TEXTS, *stored_words.STANCES]
    yield "conditions/answers.py", answers.MODEL_LABELS.values()
    yield "conditions/templatetags/pools.py", pools.REASON_LABELS.values()
    yield "search/models.py", Kind.labels
    yield "search/views.py", [*search_views.FACETS.values(), *search_views.TRUTH_WORDS.values()]
    yield "search/views.py", [search_views.SEARCH_FOR]
    complaints = (readers_forms.NO_PAGE, readers_forms.TOO_SHORT, readers_forms.TRAP_SPRUNG)
    yield "readers/forms.py", complaints
    fields = readers_forms.ProblemForm.base_fields.values()
    yield "readers/forms.py", [text for field in fields for text in (field.label, field.help_text) if text]


def _labels_within() -> Iterator[tuple[str, Iterable[str]]]:
    from conditions.domain import certainty, forest_entry
    from conditions.models import claim
    from search.views import FACETS
    from studies.domain import vocabulary
    from studies.models import Notice, TitrationStep

    kinds = (
        vocabulary.Design,
        vocabulary.OutcomeDomain,
        vocabulary.Measure,
        vocabulary.PublicationStatus,
        vocabulary.SourceKind,
    )
    yield "studies/domain/vocabulary.py", [vocabulary.LABELS[word] for kind in kinds for word in kind]
    yield "studies/models/registry.py", Notice.Kind.labels
    yield "studies/models/arm.py", TitrationStep.Unit.labels
    yield "conditions/models/claim.py", claim.VERDICT_LABELS.values()
    yield "conditions/domain/certainty.py", certainty.LEVEL_LABELS.values()
    yield "conditions/domain/forest_entry.py", forest_entry.LIGHT_LABELS.values()
    yield "search/views.py", FACETS.values()


def _of_risk_of_bias(rules: Any) -> Iterator[str]:
    yield rules.FIRST_READER
    yield from rules.JUDGEMENT_LABELS.values()
    yield from rules.CONFIDENCE_LABELS.values()
    for tool in rules.TOOLS.values():
        yield from tool.domains.values()


def _of_filters() -> Iterator[str]:
    from django.forms import ChoiceField, ModelChoiceField

    from studies.filters import StudyFilter

    for field in StudyFilter().form.fields.values():
        yield from (str(text) for text in (field.label, field.help_text) if text)
        if isinstance(field, ModelChoiceField):
            yield str(field.empty_label)
        elif isinstance(field, ChoiceField):
            yield from (str(label) for _, label in field.choices)


def _of_certainty_rules() -> Iterator[str]:
    from conditions.domain.body import Body
    from conditions.domain.certainty import judge
    from conditions.domain.certainty_rules import RULES

    for rule in RULES:
        yield from (_capitalised(rule.domain), rule.when, rule.mend)
        if isinstance(rule.reason, str):
            yield f"{_capitalised(rule.reason)}."
    for step in judge(Body(outcome="pain", studies=())).steps:
        yield from (step.reason, step.mend)


def _of_verdict_rules() -> Iterator[str]:
    from conditions.domain.verdict_rules import CAPS, RULES

    rules = [*(rule for rules in RULES.values() for rule in rules), *CAPS]
    for rule in rules:
        yield from (f"{_capitalised(rule.when)}.", rule.would_change)


def _capitalised(clause: str) -> str:
    return f"{clause[0].upper()}{clause[1:]}"
