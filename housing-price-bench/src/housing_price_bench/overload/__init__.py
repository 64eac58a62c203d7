"""`bench --overload`: how many prices are answered in time when more is asked for than can be computed."""
