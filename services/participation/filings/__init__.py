"""Filings: forms filled in at a page, from draft to counting record; a draft belongs to its unit's posts."""
