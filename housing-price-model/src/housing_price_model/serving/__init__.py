"""Serving: one verified model version behind MLflow's scoring protocol, in one process."""
