"""Chances of each total change up to each meeting: long in, long out. The convolution is in updraft_kernels."""

from updraft_kernels import policy_paths, since


def model(dbt, session):
    dbt.config(materialized="by_session")
    paths = since.rows_from(dbt.ref("int_policy_paths"), since.first_session(session))
    return policy_paths.ranges(paths.pl()).to_arrow()
