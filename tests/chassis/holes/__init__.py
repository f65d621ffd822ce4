"""The fourteen known holes of nameko and kombu, each beside what closes it."""
