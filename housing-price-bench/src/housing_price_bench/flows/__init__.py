"""`housing-price bench --flows`: what a flow costs beside the route for prices."""
