"""Every published figure computed a second time, in plain Python, numpy and polars, from ``raw`` and the seeds alone.

Belongs here: arithmetic stated anew from the specification. Does not: dbt, its intermediate tables, the kernels, or SQL
that computes. ``registry`` says which reading and which column of a mart has its second computation where.
"""
