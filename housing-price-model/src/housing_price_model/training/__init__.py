"""Training: from sales and a recipe to a fitted, evaluated estimator. Computes only; knows no registry."""
