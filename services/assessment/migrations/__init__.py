"""The versions of assessment's projection tables, applied by chassis/store/upgrade.py."""
