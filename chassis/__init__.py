"""What every service is built on: event log, inbox, outbox relay, routes, health.  Knows nothing of campaigns."""
