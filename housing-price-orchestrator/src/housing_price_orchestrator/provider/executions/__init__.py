"""Executions of flows in SQLite or PostgreSQL."""
