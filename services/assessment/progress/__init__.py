"""The progress of one unit or person: duties and figures as of a day, calculated from their own rows only."""
