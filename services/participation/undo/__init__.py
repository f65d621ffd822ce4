"""Undo of a whole import: what it brought is voided, what it voided or withdrew is restored, with one reason."""
