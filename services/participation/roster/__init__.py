"""Rosters (花名册): who serves where on a day, compared with the registry, confirmed, and applied."""
