"""Runs plans: the engine, the guard around each source, and the dry run with recorded answers."""
