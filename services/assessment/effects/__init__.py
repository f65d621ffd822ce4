"""What another plan would do to the figures, before it is launched: by the same arithmetic, on the same facts."""
