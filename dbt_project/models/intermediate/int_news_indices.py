"""Indices that count newspapers as they stood at each session: long in, long out. The rules are in updraft_kernels.uncertainty.

What a session says depends on the counts known then and on the shocks seen before, so telling goes on from the last session
that is kept.
"""

from updraft_kernels import since, uncertainty


def model(dbt, session):
    dbt.config(materialized="by_session")
    first = since.first_session(session)
    told = None
    if first is not None:
        kept = session.table(f"{dbt.this.schema}.{dbt.this.identifier}").filter(f"session_date < date '{first}'")
        told = kept.pl().filter(session_date=kept.max("session_date").fetchone()[0])
    sessions = dbt.ref("int_calendar").select("session_no, session_date, snapshot_at").order("session_no").pl()
    found = uncertainty.standing(dbt.ref("int_news_counts").pl(), sessions, told)
    return found.join(sessions.select("session_no", "session_date"), on="session_no", how="left").to_arrow()
