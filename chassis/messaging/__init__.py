"""Events between services: broker topology, consumer, inbox, outbox relay, catch-up from feeds, quarantine."""
