"""The processes that are measured, and what they use."""
