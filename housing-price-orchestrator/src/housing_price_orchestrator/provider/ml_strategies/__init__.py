"""Strategies to reach the model of a flow that need the package housing-price-model."""
