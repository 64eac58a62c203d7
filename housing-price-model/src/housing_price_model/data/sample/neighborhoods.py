"""The neighbourhoods of the sample: rounded figures that make each one recognisable, none of them a sale."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_SINGLE_FAMILY = {"1Fam": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighborhood:
    """What is typical of one neighbourhood.

    ``built`` are the years by which a tenth, half and nine tenths of it were built; ``premium`` is what the address
    adds to the logarithm of a price, all else equal.
    """

    sales: int
    quality: float
    built: tuple[int, int, int]
    lot_square_feet: int
    living_square_feet: int
    premium: float
    zoning: Mapping[str, float] = field(default_factory=lambda: {"RL": 1.0})
    dwellings: Mapping[str, float] = field(default_factory=lambda: _SINGLE_FAMILY)
    is_hilly: bool = False
    has_alleys: bool = False


_TOWNHOUSES = {"Twnhs": 0.4, "TwnhsE": 0.6}
_SOME_CONVERTED = {"1Fam": 0.87, "2fmCon": 0.11, "Duplex": 0.02}
_SOME_DUPLEXES = {"1Fam": 0.88, "Duplex": 0.09, "TwnhsE": 0.03}
_SOME_TOWNHOUSES = {"1Fam": 0.7, "TwnhsE": 0.2, "Twnhs": 0.1}

NEIGHBORHOODS: Mapping[str, Neighborhood] = {
    "NAmes": Neighborhood(
        sales=222, quality=5.3, built=(1950, 1960, 1970), lot_square_feet=9500, living_square_feet=1220,
        premium=-0.01, zoning={"RL": 0.98, "RH": 0.02}, dwellings=_SOME_DUPLEXES,
    ),
    "CollgCr": Neighborhood(
        sales=148, quality=6.6, built=(1977, 2001, 2006), lot_square_feet=9300, living_square_feet=1500,
        premium=0.03, zoning={"RL": 0.94, "RM": 0.06}, dwellings={"1Fam": 0.93, "TwnhsE": 0.07},
    ),
    "OldTown": Neighborhood(
        sales=112, quality=5.4, built=(1894, 1921, 1953), lot_square_feet=7800, living_square_feet=1370,
        premium=-0.08, zoning={"RM": 0.83, "RL": 0.15, "C (all)": 0.02}, dwellings=_SOME_CONVERTED,
        has_alleys=True,
    ),
    "Edwards": Neighborhood(
        sales=98, quality=5.1, built=(1920, 1955, 2003), lot_square_feet=9000, living_square_feet=1220,
        premium=-0.06, zoning={"RL": 0.9, "RM": 0.08, "RH": 0.02}, dwellings=_SOME_DUPLEXES,
    ),
    "Somerst": Neighborhood(
        sales=86, quality=7.3, built=(1999, 2005, 2008), lot_square_feet=8600, living_square_feet=1560,
        premium=0.07, zoning={"FV": 0.76, "RL": 0.24}, dwellings=_SOME_TOWNHOUSES,
    ),
    "Gilbert": Neighborhood(
        sales=79, quality=6.6, built=(1992, 2000, 2006), lot_square_feet=9900, living_square_feet=1590,
        premium=0.0,
    ),
    "NridgHt": Neighborhood(
        sales=76, quality=8.2, built=(2003, 2006, 2008), lot_square_feet=11600, living_square_feet=1850,
        premium=0.15, zoning={"RL": 0.98, "RM": 0.02}, dwellings=_SOME_TOWNHOUSES,
    ),
    "Sawyer": Neighborhood(
        sales=74, quality=5.1, built=(1956, 1965, 1977), lot_square_feet=9600, living_square_feet=1120,
        premium=-0.01, zoning={"RL": 0.97, "RM": 0.03}, dwellings=_SOME_DUPLEXES,
    ),
    "NWAmes": Neighborhood(
        sales=72, quality=6.3, built=(1967, 1976, 1984), lot_square_feet=11000, living_square_feet=1660,
        premium=-0.01, dwellings={"1Fam": 0.97, "Duplex": 0.03},
    ),
    "SawyerW": Neighborhood(
        sales=59, quality=6.3, built=(1978, 1991, 2004), lot_square_feet=9300, living_square_feet=1590,
        premium=0.0, zoning={"RL": 0.92, "RH": 0.08}, dwellings={"1Fam": 0.8, "TwnhsE": 0.12, "Duplex": 0.08},
    ),
    "BrkSide": Neighborhood(
        sales=58, quality=5.1, built=(1919, 1930, 1947), lot_square_feet=6300, living_square_feet=1210,
        premium=0.01, zoning={"RM": 0.52, "RL": 0.48}, dwellings={"1Fam": 0.97, "2fmCon": 0.03},
        has_alleys=True,
    ),
    "Crawfor": Neighborhood(
        sales=51, quality=6.3, built=(1919, 1939, 1969), lot_square_feet=11200, living_square_feet=1700,
        premium=0.12, zoning={"RL": 0.9, "RM": 0.06, "RH": 0.04},
        dwellings={"1Fam": 0.88, "TwnhsE": 0.08, "Duplex": 0.04}, is_hilly=True,
    ),
    "Mitchel": Neighborhood(
        sales=49, quality=5.6, built=(1963, 1981, 2002), lot_square_feet=9900, living_square_feet=1210,
        premium=0.0, zoning={"RL": 0.88, "RM": 0.09, "A (agr)": 0.03},
        dwellings={"1Fam": 0.75, "Duplex": 0.15, "TwnhsE": 0.1},
    ),
    "NoRidge": Neighborhood(
        sales=41, quality=7.9, built=(1992, 1995, 1999), lot_square_feet=12000, living_square_feet=2400,
        premium=0.08,
    ),
    "Timber": Neighborhood(
        sales=38, quality=7.2, built=(1965, 2001, 2007), lot_square_feet=12800, living_square_feet=1700,
        premium=0.05, is_hilly=True,
    ),
    "IDOTRR": Neighborhood(
        sales=37, quality=4.8, built=(1915, 1922, 1945), lot_square_feet=7800, living_square_feet=1130,
        premium=-0.14, zoning={"RM": 0.73, "C (all)": 0.23, "I (all)": 0.04}, dwellings=_SOME_CONVERTED,
        has_alleys=True,
    ),
    "ClearCr": Neighborhood(
        sales=28, quality=5.9, built=(1951, 1966, 1993), lot_square_feet=17000, living_square_feet=1730,
        premium=0.07, zoning={"RL": 0.95, "RP": 0.05}, is_hilly=True,
    ),
    "StoneBr": Neighborhood(
        sales=25, quality=8.2, built=(1986, 2001, 2008), lot_square_feet=9000, living_square_feet=1750,
        premium=0.17, dwellings={"1Fam": 0.55, "TwnhsE": 0.45}, is_hilly=True,
    ),
    "SWISU": Neighborhood(
        sales=25, quality=5.4, built=(1913, 1925, 1938), lot_square_feet=7700, living_square_feet=1650,
        premium=-0.06, zoning={"RL": 0.8, "RH": 0.2}, dwellings=_SOME_CONVERTED,
    ),
    "Blmngtn": Neighborhood(
        sales=17, quality=7.2, built=(2003, 2005, 2007), lot_square_feet=3200, living_square_feet=1490,
        premium=0.02, zoning={"RL": 0.94, "RM": 0.06}, dwellings={"TwnhsE": 0.94, "1Fam": 0.06},
    ),
    "MeadowV": Neighborhood(
        sales=17, quality=4.5, built=(1970, 1972, 1976), lot_square_feet=2000, living_square_feet=1080,
        premium=-0.16, zoning={"RM": 1.0}, dwellings=_TOWNHOUSES,
    ),
    "BrDale": Neighborhood(
        sales=16, quality=5.7, built=(1970, 1971, 1973), lot_square_feet=1700, living_square_feet=1150,
        premium=-0.1, zoning={"RM": 1.0}, dwellings=_TOWNHOUSES,
    ),
    "Veenker": Neighborhood(
        sales=11, quality=6.7, built=(1975, 1978, 1995), lot_square_feet=11200, living_square_feet=1450,
        premium=0.08, dwellings={"1Fam": 0.75, "TwnhsE": 0.25}, is_hilly=True,
    ),
    "NPkVill": Neighborhood(
        sales=9, quality=6.0, built=(1975, 1976, 1978), lot_square_feet=2400, living_square_feet=1320,
        premium=-0.03, dwellings=_TOWNHOUSES,
    ),
    "Blueste": Neighborhood(
        sales=5, quality=6.0, built=(1978, 1980, 1981), lot_square_feet=1800, living_square_feet=1380,
        premium=-0.04, zoning={"RM": 1.0}, dwellings=_TOWNHOUSES,
    ),
    "Greens": Neighborhood(
        sales=4, quality=7.0, built=(1985, 1987, 1989), lot_square_feet=5500, living_square_feet=1230,
        premium=0.1, dwellings=_TOWNHOUSES,
    ),
    "GrnHill": Neighborhood(
        sales=2, quality=7.0, built=(1985, 1992, 1998), lot_square_feet=8000, living_square_feet=1400,
        premium=0.2, dwellings={"TwnhsE": 1.0},
    ),
    "Landmrk": Neighborhood(
        sales=1, quality=6.0, built=(1994, 1995, 1996), lot_square_feet=3200, living_square_feet=1350,
        premium=-0.05, dwellings={"Twnhs": 1.0},
    ),
}  # fmt: skip
