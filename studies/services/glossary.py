"""The glossary that comes with the code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from studies.domain.glossary import Glossary, read_glossary


@cache
def load_glossary() -> Glossary:
    """Return the glossary, read once in each process.

    Raises ValueError, with the field and the mend, where the file is not sound.
    """
    return read_glossary(Path(settings.BASE_DIR, "studies/domain/glossary.yaml").read_bytes())
