"""What every service is bolted to: log, inbox, relay, doors, health.  Knows nothing of campaigns."""
