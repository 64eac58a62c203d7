"""The command line: one module per command declares its options. ``commands`` does the work."""
