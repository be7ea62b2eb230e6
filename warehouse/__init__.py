"""KEEP: vendor bytes, raw facts with their versions, the gate and the published generations.

Belongs here: every file and every database connection. Does not: the network, the orchestrator, any indicator.
It knows the source contract (``ingestion.source``) and nothing else of ingestion.
"""
