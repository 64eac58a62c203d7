"""`housing-price bench`: what a price costs, beside a stock server and a bare echo."""
