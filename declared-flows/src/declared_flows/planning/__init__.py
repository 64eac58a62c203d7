"""From the texts of files to plans: loads, checks and orders the steps of each flow."""
