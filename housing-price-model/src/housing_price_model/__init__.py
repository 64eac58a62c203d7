"""Trains, evaluates, registers and serves the housing price model."""
