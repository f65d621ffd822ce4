"""Assessments as reported: findings with their rectification, and quarterly sheets."""
