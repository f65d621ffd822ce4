"""The facts from which follows what each person and unit owes, kept from the other services' events."""
