"""Campaigns as data: one YAML file each, read by the loader and never by code."""
