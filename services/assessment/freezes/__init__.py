"""Freezes: windows whose official figures no longer change, and rows admitted to them by decision."""
