"""Answers: conditions, the claims made about them, and what everyone must know first."""

from conditions.models.article import Article, ArticleRevision
from conditions.models.certainty import Certainty
from conditions.models.change import AnswerChange, StatusChange
from conditions.models.claim import Claim, ClaimCondition, ClaimEvidence, Collection, Omission
from conditions.models.condition import Condition, Synonym, VocabularySource
from conditions.models.pool import Pool, PoolStudy
from conditions.models.question import Question
from conditions.models.release import Release, ReleaseFile
from conditions.models.safety import Reference, SafetyFact, SafetyFactStudy
from conditions.models.verdict import ComputedVerdict, VerdictFinding

__all__ = [
    "AnswerChange",
    "Article",
    "ArticleRevision",
    "Certainty",
    "Claim",
    "ClaimCondition",
    "ClaimEvidence",
    "Collection",
    "ComputedVerdict",
    "Condition",
    "Omission",
    "Pool",
    "PoolStudy",
    "Question",
    "Reference",
    "Release",
    "ReleaseFile",
    "SafetyFact",
    "SafetyFactStudy",
    "StatusChange",
    "Synonym",
    "VerdictFinding",
    "VocabularySource",
]
