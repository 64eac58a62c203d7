"""The source `ml`: any model, loaded by a strategy or by the first of several that works."""
