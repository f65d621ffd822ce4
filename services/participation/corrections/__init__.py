"""Corrections of accepted rows: a cell changed, a row voided or restored."""
