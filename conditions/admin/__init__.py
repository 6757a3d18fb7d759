"""The editors' pages for conditions, claims, safety facts, articles and what is computed."""

from conditions.admin import answers, article, entries, release

__all__ = ["answers", "article", "entries", "release"]
