"""Processes on one machine that are started, watched and stopped together, and never outlive their starter."""
