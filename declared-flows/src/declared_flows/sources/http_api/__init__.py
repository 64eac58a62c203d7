"""Sources of the kind `api`: HTTP services whose calls are templates."""
