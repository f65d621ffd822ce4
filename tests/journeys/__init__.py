"""The whole system, one user story a file; every process is real, and what holds in one way of running must in both."""
