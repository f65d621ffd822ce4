"""Messaging between services over RabbitMQ: topology, consumer, inbox, outbox relay, catch-up from feeds,
quarantine."""
