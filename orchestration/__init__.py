"""RUN: settings, the steps of a run, the Dagster definitions and the command line.

Belongs here: what happens when, and with which settings. Does not: vendors' formats, SQL, files. It knows ingestion,
warehouse and dbt_project; none of them knows it.
"""
