"""Evaluation: how good prices and their intervals are, in figures and pictures."""
