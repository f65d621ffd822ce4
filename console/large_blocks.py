"""Memory taken in large blocks goes back to the machine when it is free again."""

import ctypes

M_MMAP_THRESHOLD = -3
"""Of glibc's mallopt(3)."""
LARGE = 1 << 20


def give_back_large_blocks() -> None:
    """Otherwise glibc, which has seen one block of 19 MiB (a password's hash) come and go, takes the next out of the
    thread's own heap and keeps it there: 16 threads held 320 MB once people had signed in, and the console's container
    was ended (docs/decisions/0242).  Another C library does not know the call."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_MMAP_THRESHOLD, LARGE)
