"""The official accounts: a client of the platform's API, and the loop that publishes articles through it."""
