"""Executions of flows in SQLite or PostgreSQL: queued, and written by one task off the path of requests."""
