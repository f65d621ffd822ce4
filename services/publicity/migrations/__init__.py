"""The versions of publicity's projection tables, applied by chassis/store/upgrade.py."""
