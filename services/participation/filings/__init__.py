"""Filings: what is filled in at a form, from draft to what counts; a draft belongs to its unit's posts."""
