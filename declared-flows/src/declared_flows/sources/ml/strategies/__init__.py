"""Strategies: ways to reach a model. Each is a class with its declaration, and opens a ``Backend``."""
