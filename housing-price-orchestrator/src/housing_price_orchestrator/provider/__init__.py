"""The outside world: each module talks to one kind of server and translates its failures into our errors."""
