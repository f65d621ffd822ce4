"""One service's own store: database, schema, event log, unit of work, projections, subject keys, rebuild."""
