"""Depth of JSON, whatever the pieces in which it comes."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.shallow import Shallow, TooDeep

JSON = st.recursive(
    st.text(st.sampled_from('[]{}"\\a'), max_size=6) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["[", "}", '"', "\\"]), inner, max_size=2),
    max_leaves=12,
)  # fmt: skip


def depth(value: object) -> int:
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth, inner), default=0)
    return 0


def passes(text: bytes, most: int, size: int) -> bool:
    reader = Shallow(io.BytesIO(text), most)
    try:
        while reader.read(size):
            pass
    except TooDeep:
        return False
    return True


@given(JSON, st.integers(0, 6), st.integers(1, 7))
def test_what_passes_is_not_deeper_than_allowed(value: object, most: int, size: int) -> None:
    assert passes(json.dumps(value).encode(), most, size) == (depth(value) <= most)


def test_what_is_bottomless_is_stopped_early() -> None:
    reader = Shallow(io.BytesIO(b"[" * 10_000_000))
    with pytest.raises(TooDeep):
        reader.read(65_536)


@pytest.mark.parametrize(
    "record", [b"[" + b"[]," * 700_000 + b"0]", b'"' + b"x" * 2_000_000 + b'"', b'{"a":' + b"1" * 2_000_000 + b"}"],
    ids=["wide", "a long text", "a long number"],
)  # fmt: skip
def test_a_record_without_end_is_stopped(record: bytes) -> None:
    whole = b'[{"id":1},' + record + b"]"
    assert not passes(whole, 500, 65_536)
    assert not passes(b'{"items":' + whole + b"}", 500, 65_536)


def test_many_small_records_pass() -> None:
    records = b'[{"id":1,"l":["a","b"]}' + b',{"id":2,"l":["[[","\\""]}' * 100_000 + b"]"
    assert passes(records, 500, 65_536)
    reader = Shallow(io.BytesIO(b'{"items":' + records + b"}"), records=2)
    while reader.read(65_536):
        pass
