"""The naming rule of shocks on worlds whose causes are known: what it names is true, and without a cause it is silent."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from updraft_kernels import shocks

_SPEC = importlib.util.spec_from_file_location(
    "known_causes", Path(__file__).resolve().parents[1] / "bench" / "known_causes.py"
)
assert _SPEC is not None and _SPEC.loader is not None
known_causes = importlib.util.module_from_spec(_SPEC)
sys.modules["known_causes"] = known_causes
_SPEC.loader.exec_module(known_causes)


@pytest.mark.parametrize("family", known_causes.FAMILIES)
def test_what_is_named_is_true_and_without_a_cause_nothing_is(family: str) -> None:
    told = list(known_causes.tallies(20, known_causes.PROOF_SEED + 100, (family,), (2.0,)))
    silent = sum(one.silent for one in told if one.cause == "none")
    named, true = (sum(n) for n in zip(*((one.rallies - one.silent, one.true) for one in told), strict=True))
    assert silent >= 18 and true >= 0.9 * named and named >= 40, told


def test_a_premium_that_yields_did_not_answer_is_not_named() -> None:
    bands = np.tile(np.array([2.0, 3.0, 5.0, 7.0, 8.0])[None, :, None], (1, 1, 4))
    answer = np.array([[1.0, 0.99, -3.0, 2.0]])
    assert shocks.is_named(bands, np.array([10.0]), answer).tolist() == [[True, False, False, True]]
    assert not shocks.is_named(bands, np.array([25.1]), answer + 5).any(), "a fifth of the move"
    assert not shocks.is_named(bands - 2.5, np.array([10.0]), answer + 5).any(), "the sign changes inside the band"
