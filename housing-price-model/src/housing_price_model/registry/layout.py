"""The names of the files in a version's artefact. Versions that are registered have them, so they never change.

``inference.DOCUMENT_FILE`` names the compiled model's document, and ``manifest.MANIFEST_FILE`` the manifest.
"""

DESCRIPTION_FILE = "MLmodel"
DIFFICULTY_FILE = "difficulty.treelite"
JOINT_FILE = "joint.npz"
SALES_FILE = "sales.json"

PACKAGE_FOLDER = "typed"
"""A copy of the package ``inference``."""

SCRIPT_FILE = "typed_model.py"
"""A copy of ``publication/mlflow_script.py``."""

LOADER = "mlflow.pyfunc.model"
"""The module of MLflow's that runs the script."""
