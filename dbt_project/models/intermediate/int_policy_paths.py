"""The implied path of the policy rate, evening by evening: long in, long out. The method is in updraft_kernels."""

from updraft_kernels import policy_paths, since


def model(dbt, session):
    dbt.config(materialized="by_session")
    contracts = since.rows_from(dbt.ref("int_fed_funds"), since.first_session(session)).pl()
    meetings = dbt.ref("int_policy_meetings").pl()
    effective = dbt.ref("int_effective_rate").pl()
    return policy_paths.paths(contracts, meetings, effective).to_arrow()
