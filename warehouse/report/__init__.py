"""The page for people who would rather look than read: one finished generation in, one HTML file out.

Belongs here: composing the answer from ``marts`` and ``meta``, and drawing it. Does not: computing an indicator,
opening a database, knowing where the page is kept. See README.md.
"""
