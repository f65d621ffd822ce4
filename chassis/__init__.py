"""The microservice chassis that every service is built on: event log, inbox, outbox relay, routes, health.

It knows nothing of campaigns, units or scores."""
