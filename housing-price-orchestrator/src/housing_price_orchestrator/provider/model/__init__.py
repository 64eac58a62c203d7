"""The model behind the service, by MLflow's scoring protocol or in this process."""
