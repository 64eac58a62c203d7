"""Sources of the kind `database`: named SQL statements with bound parameters, over SQLAlchemy's pools."""
