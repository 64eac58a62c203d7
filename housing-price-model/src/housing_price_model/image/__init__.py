"""Container images with one version of the model baked in."""
