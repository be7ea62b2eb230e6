"""Indices that count newspapers as they stood at each session: long in, long out. The rules are in updraft_kernels.uncertainty."""

from updraft_kernels import uncertainty


def model(dbt, session):
    dbt.config(materialized="table")
    sessions = dbt.ref("int_calendar").select("session_no, snapshot_at").order("session_no").pl()
    return uncertainty.standing(dbt.ref("int_news_counts").pl(), sessions).to_arrow()
