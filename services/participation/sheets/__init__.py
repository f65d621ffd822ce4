"""Quarter sheets made by the supervision office: drafted, completed, confirmed by another person."""
