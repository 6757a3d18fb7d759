"""Which body a reader is sent."""

from __future__ import annotations

import doctest

import pytest

from pages.domain import negotiation
from pages.domain.negotiation import Encoding, choose_encoding, is_known, tag_of


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(negotiation).failed == 0


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", Encoding.IDENTITY),
        ("identity", Encoding.IDENTITY),
        ("gzip", Encoding.GZIP),
        ("GZIP;q=0.5", Encoding.GZIP),
        ("gzip, deflate, br, zstd", Encoding.BROTLI),
        ("br;q=0, gzip", Encoding.GZIP),
        ("br;q=0.0,gzip;q=0", Encoding.IDENTITY),
        ("*", Encoding.BROTLI),
        ("*;q=0", Encoding.IDENTITY),
        ("gzip;q=1.0, *;q=0", Encoding.GZIP),
        ("broken;q=x, , ;", Encoding.IDENTITY),
        ("zebra", Encoding.IDENTITY),
    ],
)
def test_the_best_coding_that_is_allowed_is_sent(header, encoding):
    assert choose_encoding(header) is encoding


def test_each_coding_has_a_tag_of_its_own_and_only_that_one_is_known():
    tags = {tag_of("f00", encoding) for encoding in Encoding}
    assert len(tags) == 3
    for tag in tags:
        assert is_known(f'"other", W/{tag}', tag)
        assert not any(is_known(other, tag) for other in tags - {tag})
    assert is_known("*", '"f00"')
