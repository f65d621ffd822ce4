"""The versions of participation's projection tables, applied by chassis/store/upgrade.py."""
