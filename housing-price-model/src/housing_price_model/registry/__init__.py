"""The registry: documents that describe a version, and versions and the champion in MLflow."""
