"""Chances of each total change up to each meeting: long in, long out. The convolution is in updraft_kernels."""

from updraft_kernels import policy_paths


def model(dbt, session):
    dbt.config(materialized="table")
    return policy_paths.ranges(dbt.ref("int_policy_paths").pl()).to_arrow()
