"""MLflow's tracking server and registry, in one process, with defaults that are safe on a laptop."""
