"""The web pages and the gateway to the services: it decides nothing and keeps nothing."""
