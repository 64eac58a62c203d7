"""`housing-price bench --flows`: what a flow costs beside the same price asked for directly."""
