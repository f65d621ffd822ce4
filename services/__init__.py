"""The four services of the house; no one of them imports another."""
