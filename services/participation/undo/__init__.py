"""Undo of a whole import: what it created is voided, what it voided or withdrew is restored, with one reason."""
