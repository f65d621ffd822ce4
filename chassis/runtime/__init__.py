"""Assembles a service from its parts and runs it: extensions, launcher, loops, health, watchdog."""
