"""`python -m housing_price`: the same as the command `housing-price`."""

from housing_price.cli import main

if __name__ == "__main__":
    main()
