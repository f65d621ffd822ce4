"""Anthologies (优秀成果汇编): a unit's selected works of a semester, as documents."""
