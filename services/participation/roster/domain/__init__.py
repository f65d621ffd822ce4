"""The changes of memberships that follow from a roster, and the rows for them."""
