"""The versions of notifications's projection tables, applied by chassis/store/upgrade.py."""
