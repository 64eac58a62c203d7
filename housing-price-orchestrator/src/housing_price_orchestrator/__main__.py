"""``python -m housing_price_orchestrator``: the same as the command ``housing-price-orchestrator``."""

from housing_price_orchestrator.cli.main import main

if __name__ == "__main__":
    main()
