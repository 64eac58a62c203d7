"""The vocabularies of the Ames data: every code, what it means, and its other spellings.

Codes are spelt as the data spell them; where De Cock's dictionary spells one differently, that spelling is
accepted and means the data's code. Source: D. De Cock, "Ames, Iowa: Alternative to the Boston Housing Data",
Journal of Statistics Education 19(3), 2011, and the codes that its files really hold.
"""

from collections.abc import Mapping
from typing import Annotated

from house_record.vocabulary import Vocabulary

_QUALITY = {"Ex": "excellent", "Gd": "good", "TA": "typical", "Fa": "fair", "Po": "poor"}

_FINISHED_BASEMENT = {
    "GLQ": "good living quarters",
    "ALQ": "average living quarters",
    "BLQ": "below average living quarters",
    "Rec": "average recreation room",
    "LwQ": "low quality",
    "Unf": "unfinished",
}

_PROXIMITY = {
    "Artery": "next to an arterial street",
    "Feedr": "next to a feeder street",
    "Norm": "normal",
    "RRNn": "within 200 feet of the North-South railroad",
    "RRAn": "next to the North-South railroad",
    "PosN": "near a positive feature such as a park or greenbelt",
    "PosA": "next to a positive feature",
    "RRNe": "within 200 feet of the East-West railroad",
    "RRAe": "next to the East-West railroad",
}


def _siding(wood_shingles: str, cement_board: str, brick_common: str) -> Mapping[str, str]:
    return {
        "AsbShng": "asbestos shingles",
        "AsphShn": "asphalt shingles",
        brick_common: "common brick",
        "BrkFace": "face brick",
        "CBlock": "cinder block",
        cement_board: "cement board",
        "HdBoard": "hardboard",
        "ImStucc": "imitation stucco",
        "MetalSd": "metal siding",
        "Other": "other",
        "Plywood": "plywood",
        "PreCast": "precast concrete",
        "Stone": "stone",
        "Stucco": "stucco",
        "VinylSd": "vinyl siding",
        "Wd Sdng": "wood siding",
        wood_shingles: "wood shingles",
    }


DwellingClass = Annotated[
    int,
    Vocabulary(
        {
            20: "one story, built 1946 or later, all styles",
            30: "one story, built 1945 or earlier",
            40: "one story with finished attic, all ages",
            45: "one and a half stories, upper level unfinished, all ages",
            50: "one and a half stories, upper level finished, all ages",
            60: "two stories, built 1946 or later",
            70: "two stories, built 1945 or earlier",
            75: "two and a half stories, all ages",
            80: "split or multi-level",
            85: "split foyer",
            90: "duplex, all styles and ages",
            120: "one story in a planned unit development, built 1946 or later",
            150: "one and a half stories in a planned unit development, all ages",
            160: "two stories in a planned unit development, built 1946 or later",
            180: "multi-level or split in a planned unit development",
            190: "two-family conversion, all styles and ages",
        }
    ),
]
Zoning = Annotated[
    str,
    Vocabulary(
        {
            "A (agr)": "agriculture",
            "C (all)": "commercial",
            "FV": "floating village residential",
            "I (all)": "industrial",
            "RH": "residential, high density",
            "RL": "residential, low density",
            "RP": "residential, low density park",
            "RM": "residential, medium density",
        },
        {"A": "A (agr)", "C": "C (all)", "I": "I (all)"},
    ),
]
Surface = Annotated[str, Vocabulary({"Grvl": "gravel", "Pave": "paved"})]
LotShape = Annotated[
    str,
    Vocabulary(
        {
            "Reg": "regular",
            "IR1": "slightly irregular",
            "IR2": "moderately irregular",
            "IR3": "irregular",
        }
    ),
]
LandContour = Annotated[
    str,
    Vocabulary(
        {
            "Lvl": "near flat",
            "Bnk": "banked: a quick, significant rise from the street to the building",
            "HLS": "hillside: a significant slope from side to side",
            "Low": "depression",
        }
    ),
]
Utilities = Annotated[
    str,
    Vocabulary(
        {
            "AllPub": "all public utilities",
            "NoSewr": "electricity, gas and water (septic tank)",
            "NoSeWa": "electricity and gas only",
            "ELO": "electricity only",
        }
    ),
]
LotConfiguration = Annotated[
    str,
    Vocabulary(
        {
            "Inside": "inside lot",
            "Corner": "corner lot",
            "CulDSac": "cul-de-sac",
            "FR2": "frontage on two sides",
            "FR3": "frontage on three sides",
        }
    ),
]
LandSlope = Annotated[str, Vocabulary({"Gtl": "gentle", "Mod": "moderate", "Sev": "severe"})]
Neighborhood = Annotated[
    str,
    Vocabulary(
        {
            "Blmngtn": "Bloomington Heights",
            "Blueste": "Bluestem",
            "BrDale": "Briardale",
            "BrkSide": "Brookside",
            "ClearCr": "Clear Creek",
            "CollgCr": "College Creek",
            "Crawfor": "Crawford",
            "Edwards": "Edwards",
            "Gilbert": "Gilbert",
            "Greens": "Greens",
            "GrnHill": "Green Hills",
            "IDOTRR": "Iowa DOT and Rail Road",
            "Landmrk": "Landmark",
            "MeadowV": "Meadow Village",
            "Mitchel": "Mitchell",
            "NAmes": "North Ames",
            "NPkVill": "Northpark Villa",
            "NWAmes": "Northwest Ames",
            "NoRidge": "Northridge",
            "NridgHt": "Northridge Heights",
            "OldTown": "Old Town",
            "SWISU": "south and west of Iowa State University",
            "Sawyer": "Sawyer",
            "SawyerW": "Sawyer West",
            "Somerst": "Somerset",
            "StoneBr": "Stone Brook",
            "Timber": "Timberland",
            "Veenker": "Veenker",
        },
        {"Names": "NAmes"},
    ),
]
Proximity = Annotated[str, Vocabulary(_PROXIMITY)]
DwellingType = Annotated[
    str,
    Vocabulary(
        {
            "1Fam": "single-family, detached",
            "2fmCon": "two-family conversion, built for one family",
            "Duplex": "duplex",
            "TwnhsE": "townhouse, end unit",
            "Twnhs": "townhouse, inside unit",
        },
        {"2FmCon": "2fmCon", "Duplx": "Duplex", "TwnhsI": "Twnhs"},
    ),
]
HouseStyle = Annotated[
    str,
    Vocabulary(
        {
            "1Story": "one story",
            "1.5Fin": "one and a half stories, second level finished",
            "1.5Unf": "one and a half stories, second level unfinished",
            "2Story": "two stories",
            "2.5Fin": "two and a half stories, second level finished",
            "2.5Unf": "two and a half stories, second level unfinished",
            "SFoyer": "split foyer",
            "SLvl": "split level",
        }
    ),
]
RoofStyle = Annotated[
    str,
    Vocabulary(
        {
            "Flat": "flat",
            "Gable": "gable",
            "Gambrel": "gambrel (barn)",
            "Hip": "hip",
            "Mansard": "mansard",
            "Shed": "shed",
        }
    ),
]
RoofMaterial = Annotated[
    str,
    Vocabulary(
        {
            "ClyTile": "clay or tile",
            "CompShg": "standard (composite) shingle",
            "Membran": "membrane",
            "Metal": "metal",
            "Roll": "roll",
            "Tar&Grv": "gravel and tar",
            "WdShake": "wood shakes",
            "WdShngl": "wood shingles",
        }
    ),
]
FirstSiding = Annotated[
    str,
    Vocabulary(
        _siding("WdShing", "CemntBd", "BrkComm"),
        {"Wd Shng": "WdShing", "CmentBd": "CemntBd", "Brk Cmn": "BrkComm"},
    ),
]
SecondSiding = Annotated[
    str,
    Vocabulary(
        _siding("Wd Shng", "CmentBd", "Brk Cmn"),
        {"WdShing": "Wd Shng", "CemntBd": "CmentBd", "BrkComm": "Brk Cmn"},
    ),
]
MasonryVeneer = Annotated[
    str,
    Vocabulary(
        {
            "BrkCmn": "common brick",
            "BrkFace": "face brick",
            "CBlock": "cinder block",
            "None": "no veneer",
            "Stone": "stone",
        }
    ),
]
Quality = Annotated[str, Vocabulary(_QUALITY)]
Foundation = Annotated[
    str,
    Vocabulary(
        {
            "BrkTil": "brick and tile",
            "CBlock": "cinder block",
            "PConc": "poured concrete",
            "Slab": "slab",
            "Stone": "stone",
            "Wood": "wood",
        }
    ),
]
BasementHeight = Annotated[
    str,
    Vocabulary(
        {
            "Ex": "excellent (100 inches or more)",
            "Gd": "good (90 to 99 inches)",
            "TA": "typical (80 to 89 inches)",
            "Fa": "fair (70 to 79 inches)",
            "Po": "poor (less than 70 inches)",
        }
    ),
]
BasementCondition = Annotated[
    str,
    Vocabulary(
        {
            "Ex": "excellent",
            "Gd": "good",
            "TA": "typical: slight dampness allowed",
            "Fa": "fair: dampness, some cracking or settling",
            "Po": "poor: severe cracking, settling or wetness",
        }
    ),
]
BasementExposure = Annotated[
    str,
    Vocabulary(
        {
            "Gd": "good",
            "Av": "average (split levels and foyers usually score this or better)",
            "Mn": "minimum",
            "No": "none",
        }
    ),
]
BasementFinish = Annotated[str, Vocabulary(_FINISHED_BASEMENT)]
Heating = Annotated[
    str,
    Vocabulary(
        {
            "Floor": "floor furnace",
            "GasA": "gas, forced warm air",
            "GasW": "gas, hot water or steam",
            "Grav": "gravity furnace",
            "OthW": "hot water or steam, other than gas",
            "Wall": "wall furnace",
        }
    ),
]
YesNo = Annotated[str, Vocabulary({"N": "no", "Y": "yes"})]
Electrical = Annotated[
    str,
    Vocabulary(
        {
            "SBrkr": "standard circuit breakers and Romex wiring",
            "FuseA": "fuse box over 60 amperes, all Romex wiring (average)",
            "FuseF": "60 ampere fuse box, mostly Romex wiring (fair)",
            "FuseP": "60 ampere fuse box, mostly knob and tube wiring (poor)",
            "Mix": "mixed",
        }
    ),
]
Functionality = Annotated[
    str,
    Vocabulary(
        {
            "Typ": "typical",
            "Min1": "minor deductions 1",
            "Min2": "minor deductions 2",
            "Mod": "moderate deductions",
            "Maj1": "major deductions 1",
            "Maj2": "major deductions 2",
            "Sev": "severely damaged",
            "Sal": "salvage only",
        }
    ),
]
FireplaceQuality = Annotated[
    str,
    Vocabulary(
        {
            "Ex": "excellent: exceptional masonry fireplace",
            "Gd": "good: masonry fireplace on the main level",
            "TA": "average: prefabricated in the main living area, or masonry in the basement",
            "Fa": "fair: prefabricated fireplace in the basement",
            "Po": "poor: Ben Franklin stove",
        }
    ),
]
GarageLocation = Annotated[
    str,
    Vocabulary(
        {
            "2Types": "more than one type of garage",
            "Attchd": "attached to the home",
            "Basment": "in the basement",
            "BuiltIn": "built in, typically with a room above",
            "CarPort": "car port",
            "Detchd": "detached from the home",
        }
    ),
]
GarageFinish = Annotated[str, Vocabulary({"Fin": "finished", "RFn": "rough finished", "Unf": "unfinished"})]
PavedDrive = Annotated[str, Vocabulary({"Y": "paved", "P": "partial pavement", "N": "dirt or gravel"})]
Fence = Annotated[
    str,
    Vocabulary(
        {
            "GdPrv": "good privacy",
            "MnPrv": "minimum privacy",
            "GdWo": "good wood",
            "MnWw": "minimum wood or wire",
        }
    ),
]
MiscellaneousFeature = Annotated[
    str,
    Vocabulary(
        {
            "Elev": "elevator",
            "Gar2": "second garage, if not described in the garage fields",
            "Othr": "other",
            "Shed": "shed of more than 100 square feet",
            "TenC": "tennis court",
        }
    ),
]
SaleType = Annotated[
    str,
    Vocabulary(
        {
            "WD": "conventional warranty deed",
            "CWD": "cash warranty deed",
            "VWD": "warranty deed, VA loan",
            "New": "home just constructed and sold",
            "COD": "court officer deed or estate",
            "Con": "contract, 15 % down payment, regular terms",
            "ConLw": "contract, low down payment and low interest",
            "ConLI": "contract, low interest",
            "ConLD": "contract, low down payment",
            "Oth": "other",
        },
        {"WD ": "WD"},
    ),
]
SaleCondition = Annotated[
    str,
    Vocabulary(
        {
            "Normal": "normal sale",
            "Abnorml": "abnormal: trade, foreclosure or short sale",
            "AdjLand": "purchase of adjoining land",
            "Alloca": "allocation: two linked properties with separate deeds",
            "Family": "sale between family members",
            "Partial": "home not completed when last assessed",
        }
    ),
]
