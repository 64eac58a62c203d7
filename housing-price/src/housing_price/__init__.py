"""The command that runs the whole platform on one machine, as processes in the foreground."""
