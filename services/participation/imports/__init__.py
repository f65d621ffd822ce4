"""Imports: uploaded files whose rows are decided, a batch a transaction."""
