"""The routes of declared flows, of their executions and of their administration."""
