"""What the claims ask of an editor: the second part of the head of the editors' first page."""

from __future__ import annotations

from dataclasses import dataclass

from conditions.models import Claim, ComputedVerdict


@dataclass(frozen=True)
class ClaimWorkList:
    """Counts of claims: whose two verdicts differ, and that ask no question yet."""

    differing: int
    without_question: int


def read_claim_worklist() -> ClaimWorkList:
    """Return the counts, in two queries."""
    return ClaimWorkList(
        differing=ComputedVerdict.objects.that_differ().count(),
        without_question=Claim.objects.filter(question__isnull=True).count(),
    )
