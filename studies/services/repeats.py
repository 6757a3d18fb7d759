"""Answers that repeat word for word what the registry said last time, written down in one statement.

Most of a week's answers are of this kind. Nobody reads them: that the same words lead to the same conclusion
holds as long as the record that they were compared with has not changed either. Every fourth week they are
read all the same (FIELDS_EVERY), also because the program may have learnt to read better. That a registry
still does not know a paper, in the same words, is such an answer too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from studies.domain.vocabulary import PublicationStatus
from studies.models import RefreshRun, RegistryCheck
from studies.services.checks import FIELDS_EVERY, cadence, cadence_of_unknown
from studies.sources.answer import Answer, Found, Unknown

# Another DOI or PubMed number is another paper: a trigger takes its checks away, so that none is found here.
REPEATED = """
WITH same AS (
    SELECT checked.id
    FROM unnest(%(studies)s::bigint[], %(hashes)s::text[], %(reasons)s::text[])
        AS said (study_id, sha256, reason)
    -- Looked up one by one: while the statistics are from before a run, the whole table looks as cheap.
    CROSS JOIN LATERAL (
        SELECT * FROM studies_registrycheck AS its
        WHERE its.study_id = said.study_id AND its.registry = %(registry)s LIMIT 1
    ) AS checked
    JOIN studies_study AS study ON study.id = said.study_id
    WHERE (
            (checked.answer = %(found)s AND checked.body_sha256 = said.sha256 AND checked.body <> ''
            AND checked.fields_checked_at > %(fields_due)s)
            OR (checked.answer = %(unknown)s AND checked.detail = said.reason AND checked.found_at IS NULL)
        )
        AND study.updated_at < checked.answered_at AND study.publication_status = %(current)s
        AND NOT EXISTS (SELECT FROM studies_notice AS notice WHERE notice.study_id = study.id)
        AND NOT EXISTS (
            SELECT FROM studies_metadataproposal AS proposal
            WHERE proposal.study_id = study.id AND proposal.registry = checked.registry
                AND proposal.state = 'open'
        )
)
UPDATE studies_registrycheck AS checked
SET asked_at = %(now)s, answered_at = %(now)s,
    found_at = CASE checked.answer WHEN %(found)s THEN %(now)s END,
    body_stored_at = CASE checked.answer WHEN %(found)s THEN %(now)s ELSE checked.body_stored_at END,
    next_check_at = CASE checked.answer WHEN %(found)s THEN %(next)s ELSE %(next_unknown)s END
FROM same WHERE checked.id = same.id
RETURNING checked.study_id, checked.answer
"""


def record_repeats(*, answers: Mapping[int, Answer], now: datetime, run: RefreshRun) -> set[int]:
    """Write down the answers that are on record word for word; return the studies they are about.

    Only about papers that stand, without a notice or an open proposal, whose record is as it was when the
    words were read. All others are left. Counts in `run`, which the caller saves. Call inside a transaction
    that holds the studies' rows, so that nobody changes one between the comparing and the writing.
    """
    said = {pk: answer for pk, answer in answers.items() if isinstance(answer, Found | Unknown)}
    if not said:
        return set()
    values: dict[str, Any] = {
        "studies": list(said),
        # Neither is ever equal to what is on record of the other kind.
        "hashes": [answer.sha256 if isinstance(answer, Found) else None for answer in said.values()],
        "reasons": [answer.reason if isinstance(answer, Unknown) else None for answer in said.values()],
        "registry": run.registry,
        "found": RegistryCheck.Answer.FOUND,
        "unknown": RegistryCheck.Answer.UNKNOWN,
        "current": PublicationStatus.CURRENT,
        "fields_due": now - FIELDS_EVERY,
        "now": now,
        "next": now + cadence(run.registry),
        "next_unknown": now + cadence_of_unknown(run.registry),
    }
    with connection.cursor() as cursor:
        cursor.execute(REPEATED, values)
        repeated = dict(cursor.fetchall())
    n_found = sum(answer == RegistryCheck.Answer.FOUND for answer in repeated.values())
    run.asked += len(repeated)
    run.found += n_found
    run.unknown += len(repeated) - n_found
    return set(repeated)
