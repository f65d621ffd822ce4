"""The web pages and the gateway to the services: it decides nothing and stores only accounts and sessions."""
