"""Merges requests that arrive while a model is busy into one call, since a call costs more than its rows."""
