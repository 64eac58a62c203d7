"""The promotion gate: what a version has to show before it may become the champion. Decides, and changes nothing."""
