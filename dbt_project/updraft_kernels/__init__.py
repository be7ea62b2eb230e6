"""Pure functions behind the few Python models of the dbt project: recursions that SQL cannot say, and windows over every bar.

Belongs here: numpy, polars and Arrow, arrays in, arrays or frames out, no clock, no file, no database, no dbt.
Does not: set logic, joins and small windows (SQL models) and anything that needs to know where its input came from.
"""
