"""The causal state of the made-up market: what happened. No wire format, no vendor, no fault."""
