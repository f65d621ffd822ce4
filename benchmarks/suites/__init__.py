"""What is compared with what: each suite runs its subjects in turn, A B A B, and names the ratios that matter."""
