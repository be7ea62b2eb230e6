"""Whatever the bytes: rows of the declared shape, or a typed error. Never another exception, never no rows."""

from collections.abc import Callable

import payloads as p
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.registry import all_sources, source
from ingestion.source import Request, VendorError

DATASETS = [s.dataset for s in all_sources()]  # their answers: payloads/<dataset>.py
TOKENS = [
    b"null", b"true", b"-1", b"0", b"1e308", b"-0.0", b"99999999999999999999", b'"x"', b"[]", b"{}", b",", b"\n", b'"',
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"&", b"<", b"2026-02-31", b"12/31/9999", b"nan", b"inf", b"1.5",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), start + draw(st.integers(0, 24)))
        with_what = draw(
            st.one_of(
                st.sampled_from(TOKENS),
                st.binary(max_size=6),
                st.just(b""),
                st.just(data[start:end] * 2),
            )
        )
        data = data[:start] + with_what + data[end:]
    return data


def check(
    parse: Callable[[bytes, Request], pl.DataFrame], columns: dict[str, pl.DataType], body: bytes, r: Request
) -> None:
    try:
        frame = parse(body, r)
    except VendorError as error:
        assert str(error)
        return
    assert dict(frame.schema) == columns
    assert frame.height > 0


@pytest.mark.parametrize("dataset", DATASETS)
def test_seeds_are_what_they_seem(dataset: str) -> None:
    series, seeds = p.of(dataset)
    assert source(dataset).parse(seeds[0], p.request(series)).height > 0


@pytest.mark.parametrize("dataset", DATASETS)
def test_mutations_and_noise_give_rows_or_a_typed_error(dataset: str) -> None:
    series, seeds = p.of(dataset)
    declared = source(dataset)
    columns = {name: column.dtype for name, column in declared.columns.items()}

    @settings(max_examples=150, deadline=1000, database=None)
    @given(st.one_of(mutated(seeds), mutated(seeds), st.binary(max_size=200), st.text(max_size=80).map(str.encode)))
    def total(body: bytes) -> None:
        check(declared.parse, columns, body, p.request(series))

    total()
