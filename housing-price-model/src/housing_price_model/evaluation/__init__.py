"""Evaluation: measures prices and their intervals, in figures and plots."""
