"""The registry: what is written beside a model, and how versions and the champion are kept in MLflow."""
