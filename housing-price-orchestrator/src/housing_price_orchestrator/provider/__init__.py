"""The outside world: each module speaks to one kind of server and translates its failures into our errors."""
