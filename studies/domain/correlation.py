"""What is assumed of a person's two periods in a cross-over trial that prints no spread of the difference."""

from __future__ import annotations

# What to vary it over: no, a middling and a strong correlation (Handbook 23.2.7.3 asks for such a range).
CORRELATIONS = (0.0, 0.5, 0.8)
CORRELATION = 0.5


def describe_correlation(correlation: float) -> str:
    """The assumption, for readers.

    >>> describe_correlation(0.5)
    "correlation of a person's two periods 0.5, which is assumed"
    """
    return f"correlation of a person's two periods {correlation:g}, which is assumed"
