"""The intake: reports of outside systems by HTTP and AMQP, and pending reports."""
