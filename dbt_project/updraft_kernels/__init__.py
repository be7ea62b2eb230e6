"""Pure functions behind the few Python models of the dbt project: recursions that SQL cannot say.

Belongs here: numpy and polars, arrays in, arrays or frames out, no clock, no file, no database, no dbt.
Does not: set logic, joins and windows (SQL models) and anything that needs to know where its input came from.
"""
