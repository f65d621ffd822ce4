"""Records of what units and people did, and their withdrawals."""
