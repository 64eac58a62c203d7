"""`python -m housing_price_model`: the same as the command `housing-price-model`."""

from housing_price_model.cli.app import main

if __name__ == "__main__":
    main()
