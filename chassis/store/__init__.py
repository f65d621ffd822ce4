"""A service's store: database, schema and migrations, event log, unit of work, projections, subject keys, rebuild."""
