"""The kind `feast`: online features from a Feast feature server."""
