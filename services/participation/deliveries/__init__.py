"""Deliveries: public events sent to outside systems, by webhooks or through queues of their own."""
