"""Training: turns sales and a recipe into a fitted, evaluated, calibrated estimator. Writes nothing."""
