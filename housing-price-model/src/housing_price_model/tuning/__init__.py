"""Tuning: the search for the settings of a recipe. Optuna, an extra, is imported by the modules that need it alone."""
