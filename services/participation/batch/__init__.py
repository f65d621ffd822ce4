"""Deciding a batch of reported rows against the ledger, whatever way they came."""
