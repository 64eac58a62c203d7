"""The sources of another notation, each kind as a source of ours."""
