"""What the supervision office collects of offices and secondary units: who has handed in which period's report."""
