"""A dataset with nothing new leaves the build file closed; anything new, gone or decided opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import facts as f
import polars as pl
import pytest

from ingestion.source import Column
from warehouse import decisions, loaded


@pytest.fixture
def store(tmp_path: Path) -> f.Store:
    made = f.Store(tmp_path)
    loaded.remember(made.home, made.source, made.take(f.answer([("A", f.day(1), 1.0)], f.at(0))))
    return made


def test_nothing_new_tells_how_far_the_data_reach(store: f.Store) -> None:
    held = loaded.nothing_new(store.home, store.source)
    assert held is not None
    assert (held.newest, held.packs, held.rows_new) == (f.day(1), 0, 0)


def _another_pack(store: f.Store) -> None:
    store.land(f.answer([("A", f.day(2), 1.0)], f.at(1)))


def _a_pack_gone(store: f.Store) -> None:
    store.landing.packs("facts")[0].path.unlink()


def _an_answer_set_aside(store: f.Store) -> None:
    ((_, _, sha256, _, _),) = store.landing.answers(store.landing.packs("facts")[0])
    decisions.add(store.home.root, "set_aside", "facts", sha256, "wrong", f.at(2))


def _a_new_build_file(store: f.Store) -> None:
    store.home.build.rename(store.home.build.with_suffix(".old"))
    store.load()


def _no_build_file(store: f.Store) -> None:
    store.home.build.unlink()


def _another_column(store: f.Store) -> None:
    columns = {**store.source.columns, "more": Column(pl.String(), "text", "More")}
    store.source = replace(store.source, columns=columns)


@pytest.mark.parametrize(
    "change", [_another_pack, _a_pack_gone, _an_answer_set_aside, _a_new_build_file, _no_build_file, _another_column]
)
def test_what_makes_a_load_necessary(store: f.Store, change: Callable[[f.Store], None]) -> None:
    change(store)
    assert loaded.nothing_new(store.home, store.source) is None
