"""What a long page shows at once, and what it opens on demand."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from studies.domain.vocabulary import DesignGroup, PublicationStatus
from studies.models import Study

register = template.Library()

# What can say least about an effect.
FOLDED = {DesignGroup.CASES, DesignGroup.NARRATIVE, DesignGroup.LABORATORY, DesignGroup.PROTOCOL}


@register.simple_tag
def is_folded(group: DesignGroup, studies: Iterable[Study]) -> bool:
    """Whether a group of studies is folded; never one in which a paper was taken back or is in doubt."""
    in_doubt = any(s.is_gone or s.publication_status == PublicationStatus.CONCERN for s in studies)
    return group in FOLDED and not in_doubt
