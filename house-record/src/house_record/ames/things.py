"""What a house of Ames may have."""

from house_record.things import Thing

THINGS = (
    Thing(
        name="a basement",
        codes=("BsmtQual", "BsmtCond", "BsmtExposure", "BsmtFinType1", "BsmtFinType2"),
        sizes=("TotalBsmtSF",),
        parts=("BsmtFinSF1", "BsmtFinSF2", "BsmtUnfSF"),
        contradicted_none="BASEMENT_AREA_WITHOUT_BASEMENT",
        contradicted_size="BASEMENT_DETAILS_WITHOUT_BASEMENT",
    ),
    Thing(
        name="a fireplace",
        codes=("FireplaceQu",),
        sizes=("Fireplaces",),
        contradicted_none="FIREPLACE_WITHOUT_QUALITY",
        contradicted_size="FIREPLACE_QUALITY_WITHOUT_FIREPLACE",
    ),
    Thing(
        name="a garage",
        codes=("GarageType", "GarageYrBlt", "GarageFinish", "GarageQual", "GarageCond"),
        sizes=("GarageCars", "GarageArea"),
        contradicted_none="GARAGE_DETAILS_WITHOUT_GARAGE",
        contradicted_size="GARAGE_DETAILS_WITHOUT_GARAGE",
    ),
    Thing(
        name="a pool",
        codes=("PoolQC",),
        sizes=("PoolArea",),
        contradicted_none="POOL_WITHOUT_QUALITY",
        contradicted_size="POOL_QUALITY_WITHOUT_POOL",
    ),
    Thing(
        name="a miscellaneous feature",
        codes=("MiscFeature",),
        sizes=("MiscVal",),
        contradicted_none="MISCELLANEOUS_VALUE_WITHOUT_FEATURE",
    ),
)

NULLS_EXPLAINED_BY = {"MasVnrType": "MasVnrArea", "GarageYrBlt": "GarageType"}
"""Columns in which a null says no more than a 0 or none in the other column."""
