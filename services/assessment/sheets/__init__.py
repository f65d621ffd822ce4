"""Sheets: the quarter's points that assessors give a unit, item by item."""
