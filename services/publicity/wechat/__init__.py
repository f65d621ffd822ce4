"""The official accounts: a thin client of the platform's API, and the loop that brings articles through it."""
