"""Connectors, one file per vendor; each exports ``SOURCES: tuple[Source, ...]``. The registry finds them by that name.

Belongs here: what a vendor is asked and what its bytes mean. Does not: sockets, files, databases, readings.
"""
