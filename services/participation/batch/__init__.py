"""Decides a batch of reported rows against the ledger, by whatever way they were reported."""
