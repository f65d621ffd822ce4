"""The overview of a district: owed, done and on time by duty, month and group of units; units without recent
records."""
