"""Fills a feature store with made-up customers and serves it: `uv run --project examples/feast python serve.py`.

The same as `feast apply`, `feast materialize` and `feast serve`, in one process, since Feast takes seconds to import.
"""

import argparse
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
CUSTOMERS = range(1, 11)
NEIGHBORHOODS = ("NAmes", "CollgCr", "OldTown", "Edwards", "Somerst")


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=6566)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="feast-example-") as folder:
        # Its server, gunicorn, would else write a socket to a place that all of a user's servers share.
        os.environ |= {"EXAMPLE_STATE": folder, "FEAST_USAGE": "False", "XDG_RUNTIME_DIR": folder}
        serve(Path(folder), asked.port)


def serve(folder: Path, port: int) -> None:
    """Write the tables, put them into the online store, and serve that."""
    from feast import FeatureStore
    from features import declared

    now = datetime.now(UTC).replace(microsecond=0)
    write_tables(folder, now - timedelta(hours=1))
    store = FeatureStore(repo_path=str(HERE))
    store.apply(declared(folder))
    store.materialize(now - timedelta(days=20), now)
    store.serve(host="127.0.0.1", port=port, keep_alive_timeout=5)


def write_tables(folder: Path, now: datetime) -> None:
    """What a warehouse would have: one row a customer. Customer 9 has been quiet for ten days, and customer 10 has
    never looked for a home."""
    import pandas as pd

    stats = [
        {
            "customer_id": customer,
            "event_timestamp": now,
            "avg_payment": 900.0 + 50 * customer,
            "late_payments": customer % 4,
            "debt_ratio": round(0.08 * customer, 2),
        }
        for customer in CUSTOMERS
    ]
    searches = [
        {
            "customer_id": customer,
            "event_timestamp": now - timedelta(days=10 if customer == 9 else 0),
            "budget": 100_000.0 + 20_000 * customer,
            "viewings": customer % 5,
            "favourite": NEIGHBORHOODS[customer % len(NEIGHBORHOODS)],
            "seen": [NEIGHBORHOODS[(customer + 1) % len(NEIGHBORHOODS)]],
        }
        for customer in CUSTOMERS
        if customer != 10
    ]
    pd.DataFrame(stats).to_parquet(folder / "customer_stats.parquet")
    pd.DataFrame(searches).to_parquet(folder / "home_search.parquet")


if __name__ == "__main__":
    main()
