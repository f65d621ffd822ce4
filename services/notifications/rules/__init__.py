"""The rules of reminders: to whom they escalate, at which stage, on which working days.  Pure."""
