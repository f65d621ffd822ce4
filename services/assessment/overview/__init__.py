"""The whole district at a glance: what was owed, done and on time by duty, month and group of units, and who has had
nothing on record for long."""
