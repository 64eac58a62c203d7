"""Tuning: searches for settings of a recipe. Only the modules that need Optuna, an extra, import it."""
