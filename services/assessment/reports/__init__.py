"""Reports: the result files of scoring.md 9, made to order and handed out."""
