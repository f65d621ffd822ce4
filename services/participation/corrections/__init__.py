"""Corrections of accepted rows: a cell is changed, a row voided or restored."""
