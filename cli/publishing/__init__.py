"""`qihang publish`: sends a file of CloudEvents to the intake as an outside system would, and waits for every
receipt."""
