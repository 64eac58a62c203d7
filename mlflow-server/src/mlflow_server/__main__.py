"""`python -m mlflow_server`: the same as the command `mlflow-server`."""

from mlflow_server.cli import main

if __name__ == "__main__":
    main()
