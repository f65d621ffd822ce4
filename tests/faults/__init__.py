"""Numbered events go through the whole system while one fault is injected; a ledger tells where each of them ended."""
