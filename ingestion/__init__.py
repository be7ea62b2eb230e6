"""ASK: what is asked of which vendor, how the network is treated, and how vendor bytes become typed rows.

Belongs here: source contracts, connectors, the HTTP client, transports, the built-in sample vendors.
Does not: files, databases, the orchestrator, and any arithmetic that a reader would call an indicator.
"""
