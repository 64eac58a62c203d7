"""The command `housing-price-orchestrator`: one module for each subcommand."""
