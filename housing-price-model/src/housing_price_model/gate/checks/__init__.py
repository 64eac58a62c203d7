"""The checks of the gate, one module each."""
