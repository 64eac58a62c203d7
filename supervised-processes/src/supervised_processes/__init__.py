"""Starts, watches and stops processes on one machine together. None outlives its starter."""
