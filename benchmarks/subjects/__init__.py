"""What is measured, each in a process of its own: an order as JSON on stdin, figures as JSON on the last line said."""
