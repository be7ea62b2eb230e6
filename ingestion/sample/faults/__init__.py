"""Misbehaviour on demand that any vendor can have. Nothing here knows a vendor; formats bring their own ``table``."""
