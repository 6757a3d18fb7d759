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
def find_fold(group: DesignGroup, studies: Iterable[Study]) -> str:
    """How a group of studies is shown: "open", "folded", or "narrow": folded on narrow screens alone.

    A group in which a paper was taken back or is in doubt is open everywhere, and so are randomised trials.
    """
    if any(s.is_gone or s.publication_status == PublicationStatus.CONCERN for s in studies):
        return "open"
    if group in FOLDED:
        return "folded"
    return "open" if group == DesignGroup.RANDOMISED else "narrow"
