"""Ways to a model of a flow that need the package housing-price-model."""
