"""What the platform does, without HTTP: prices houses, and knows whether it can."""
