"""The chassis under crashes, lost networks, clocks that step back and everything else that its holes are named for."""
