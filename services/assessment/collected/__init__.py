"""The periodic reports that offices and secondary units owe the supervision office: which periods each has handed
in."""
