"""Images: builds container images that contain one version of the model."""
