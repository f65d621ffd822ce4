"""Backup and restore of a whole system: one encrypted file, made while it runs, read back before it counts."""
