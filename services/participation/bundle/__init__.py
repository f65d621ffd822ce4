"""Bundles (一校一档): a unit's evidence of one semester as a zip that can be verified without the system."""
