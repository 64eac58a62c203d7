"""What every measurement prints: bounds, the machine, progress."""
