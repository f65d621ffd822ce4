"""Imports: uploaded files whose rows are decided in batches, one transaction per batch."""
