"""Sheets: the points that assessors give a unit for each item of a quarter."""
