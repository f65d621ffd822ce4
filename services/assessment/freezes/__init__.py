"""Freezes: windows whose official figures stand still, and rows admitted to them."""
