# ruff: noqa: S608 - the SQL is put together from names in this file only
"""Rules of the database that span rows, as deferred constraint triggers.

They are deferred to the end of the transaction, so that a study and its parts may be written in any order.
Each raises a check violation that carries the rule's name, like any other constraint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pgtrigger

from studies.domain.risk_of_bias import CARRYOVER, TOOLS
from studies.domain.vocabulary import Design, PublicationStatus


def _raise(rule: str, message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}';"


def arms_need_an_intervention() -> list[pgtrigger.Trigger]:
    """A study that has arms has one with the role intervention."""
    rule = "study_has_an_intervention_arm"
    body = f"""
        IF EXISTS (SELECT 1 FROM studies_arm a WHERE a.study_id = {{row}}.study_id)
           AND NOT EXISTS (SELECT 1 FROM studies_arm a
                           WHERE a.study_id = {{row}}.study_id AND a.role = 'intervention')
        THEN {_raise(rule, "a study with arms needs an intervention arm")} END IF;
        RETURN NULL;
    """
    return [
        _deferred(rule, pgtrigger.Insert | pgtrigger.Update, body.format(row="NEW")),
        _deferred(f"{rule}_on_delete", pgtrigger.Delete, body.format(row="OLD")),
    ]


def published_needs_a_source(column: str) -> list[pgtrigger.Trigger]:
    """A published outcome or side effect says where it was read; `column` is its key in Provenance."""
    rule = f"published_{column}_has_a_source"
    body = f"""
        IF EXISTS (SELECT 1 FROM studies_study WHERE id = NEW.study_id AND status = 'published')
           AND NOT ({_has_source("NEW.id", "NEW.study_id", column)})
        THEN {_raise(rule, "a published number needs a source")} END IF;
        RETURN NULL;
    """
    return [_deferred(rule, pgtrigger.Insert | pgtrigger.Update, body)]


def publishing_needs_sources() -> list[pgtrigger.Trigger]:
    """Setting a study to published fails while one of its numbers has no source."""
    rule = "published_study_has_sources"
    body = f"""
        IF NEW.status = 'published' AND (
            EXISTS (SELECT 1 FROM studies_outcome o WHERE o.study_id = NEW.id
                    AND NOT ({_has_source("o.id", "NEW.id", "outcome")}))
            OR EXISTS (SELECT 1 FROM studies_sideeffectreport r WHERE r.study_id = NEW.id
                       AND NOT ({_has_source("r.id", "NEW.id", "side_effect_report")})))
        THEN {_raise(rule, "a published number needs a source")} END IF;
        RETURN NULL;
    """
    return [_deferred(rule, pgtrigger.Insert | pgtrigger.Update, body)]


def removing_keeps_a_source() -> list[pgtrigger.Trigger]:
    """Neither the last source of a published study nor the note of where a number was read may go."""
    rule = "published_number_keeps_its_source"
    body = f"""
        IF EXISTS (SELECT 1 FROM studies_study s WHERE s.id = OLD.study_id AND s.status = 'published' AND (
            EXISTS (SELECT 1 FROM studies_outcome o WHERE o.study_id = s.id
                    AND NOT ({_has_source("o.id", "s.id", "outcome")}))
            OR EXISTS (SELECT 1 FROM studies_sideeffectreport r WHERE r.study_id = s.id
                       AND NOT ({_has_source("r.id", "s.id", "side_effect_report")}))))
        THEN {_raise(rule, "a published number needs a source")} END IF;
        RETURN NULL;
    """
    return [_deferred(rule, pgtrigger.Delete | pgtrigger.Update, body)]


def tool_fits_the_design() -> list[pgtrigger.Trigger]:
    """Risk of bias is judged with the tool made for the design, carry-over in crossover trials only."""
    rule = "risk_of_bias_tool_fits_the_design"
    body = f"""
        IF EXISTS (SELECT 1 FROM studies_study s WHERE s.id = NEW.study_id
                   AND NOT ({_tool_fits("NEW", "s")}))
        THEN {_raise(rule, "this tool is not made for this design")} END IF;
        RETURN NULL;
    """
    return [_deferred(rule, pgtrigger.Insert | pgtrigger.Update, body)]


def design_fits_the_tool() -> list[pgtrigger.Trigger]:
    """A study whose risk of bias is judged keeps a design that the tool is made for."""
    rule = "study_design_fits_its_risk_of_bias"
    body = f"""
        IF EXISTS (SELECT 1 FROM studies_riskofbias r WHERE r.study_id = NEW.id
                   AND NOT ({_tool_fits("r", "NEW")}))
        THEN {_raise(rule, "the risk of bias was judged with a tool for another design")} END IF;
        RETURN NULL;
    """
    return [_deferred(rule, pgtrigger.Update, body)]


def another_identifier_is_another_paper() -> list[pgtrigger.Trigger]:
    """What registries said under a former DOI or PubMed number says nothing of the paper under the new one.

    The checks go, and with them the word that the paper is in order; notices stay, for nothing is lifted
    by asking elsewhere. An identifier that was empty before names no other paper.
    """
    changed = " OR ".join(
        f"(OLD.{field} IS NOT NULL AND NEW.{field} IS DISTINCT FROM OLD.{field})" for field in ("doi", "pmid")
    )
    body = f"""
        IF {changed} THEN
            DELETE FROM studies_registrycheck WHERE study_id = NEW.id;
            IF NEW.publication_status = '{PublicationStatus.CURRENT}' THEN
                NEW.publication_status := '{PublicationStatus.UNKNOWN}';
            END IF;
        END IF;
        RETURN NEW;
    """
    return [
        pgtrigger.Trigger(
            name="another_identifier_is_another_paper",
            operation=pgtrigger.UpdateOf("doi", "pmid"),
            when=pgtrigger.Before,
            level=pgtrigger.Row,
            func=body,
        )
    ]


def _tool_fits(judged: str, study: str) -> str:
    fits = " OR ".join(
        f"({judged}.tool = '{tool}' AND {study}.design IN ({_quoted(rules.designs)}))"
        for tool, rules in TOOLS.items()
    )
    return f"({fits}) AND ({judged}.domain <> '{CARRYOVER}' OR {study}.design = '{Design.RCT_CROSSOVER}')"


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _has_source(row_id: str, study_id: str, column: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM studies_provenance p WHERE p.{column}_id = {row_id}) "
        f"AND EXISTS (SELECT 1 FROM studies_source c WHERE c.study_id = {study_id})"
    )


def _deferred(name: str, operation: Any, body: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        level=pgtrigger.Row,
        func=body,
    )
