"""Assembles a service from its parts and runs it: launcher, health, watchdog."""
