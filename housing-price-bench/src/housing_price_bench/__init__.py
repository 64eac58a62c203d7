"""`housing-price bench` and the programmable model server: tools for development, not needed to run the platform."""
