"""The intake: reports of outside systems by HTTP and AMQP, and those that are pending."""
