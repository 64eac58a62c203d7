"""The command `housing-price-orchestrator`."""
