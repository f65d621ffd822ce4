"""The rules of reminding: to whom a reminder escalates, at which stage, on which working days.  Pure, like a domain."""
