"""Single facts: one row of one table, entered by the campaign office without a file."""
