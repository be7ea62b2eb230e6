"""Sensitivity of long-duration stocks to the real yield: long in, long out. The arithmetic is in updraft_kernels."""

from updraft_kernels import duration


def model(dbt, session):
    dbt.config(materialized="table")
    return duration.slopes(dbt.ref("int_duration_pairs").pl()).to_arrow()
