"""Deliveries: public events sent to outside systems, as webhooks or by queues of their own."""
