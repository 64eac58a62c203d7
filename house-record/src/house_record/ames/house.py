"""The house record of Ames: an id and the 79 features of a sale, each declared once.

Everything else is derived from this class: wire names, the model's row, training columns, OpenAPI, the field
table in the docs. Long on purpose: it is the one place where a field is described.
"""

from typing import Annotated

from house_record.ames.codes import (
    BasementCondition,
    BasementExposure,
    BasementFinish,
    BasementHeight,
    DwellingClass,
    DwellingType,
    Electrical,
    Fence,
    FireplaceQuality,
    FirstSiding,
    Foundation,
    Functionality,
    GarageFinish,
    GarageLocation,
    Heating,
    HouseStyle,
    LandContour,
    LandSlope,
    LotConfiguration,
    LotShape,
    MasonryVeneer,
    MiscellaneousFeature,
    Neighborhood,
    PavedDrive,
    Proximity,
    Quality,
    RoofMaterial,
    RoofStyle,
    SaleCondition,
    SaleType,
    SecondSiding,
    Surface,
    Utilities,
    YesNo,
    Zoning,
)
from house_record.column import Column
from house_record.record import AnyHouse
from house_record.units import Count, Dollars, Feet, Identifier, Month, Rating, SquareFeet, Year
from house_record.vocabulary import Absence


class House(AnyHouse):
    """One house, as it stood when it was sold (or is to be priced).

    Strict: a wrong type, an unknown field or an impossible value is refused, never mended in silence.
    Wire names are camelCase; the snake_case names of the attributes are accepted as well.
    """

    id: Annotated[Identifier, Column("Id", 1461)]
    """The caller's own number for the house. It does not influence the price."""
    ms_sub_class: Annotated[DwellingClass | None, Column("MSSubClass", 20)] = None
    """Class of the dwelling."""
    ms_zoning: Annotated[Zoning | None, Column("MSZoning", "RH")] = None
    """Zoning of the sale."""
    lot_frontage: Annotated[Feet | None, Column("LotFrontage", 80)] = None
    """Length of street connected to the lot."""
    lot_area: Annotated[SquareFeet, Column("LotArea", 11622)]
    """Size of the lot."""
    street: Annotated[Surface | None, Column("Street", "Pave")] = None
    """Surface of the road to the property."""
    alley: Annotated[Surface | None, Column("Alley", None), Absence("no alley access")] = None
    """Surface of the alley to the property."""
    lot_shape: Annotated[LotShape | None, Column("LotShape", "Reg")] = None
    """General shape of the lot."""
    land_contour: Annotated[LandContour | None, Column("LandContour", "Lvl")] = None
    """Flatness of the lot."""
    utilities: Annotated[Utilities | None, Column("Utilities", "AllPub")] = None
    """Utilities available."""
    lot_config: Annotated[LotConfiguration | None, Column("LotConfig", "Inside")] = None
    """Position of the lot among its neighbours."""
    land_slope: Annotated[LandSlope | None, Column("LandSlope", "Gtl")] = None
    """Slope of the lot."""
    neighborhood: Annotated[Neighborhood, Column("Neighborhood", "NAmes")]
    """Place within the city of Ames."""
    condition_1: Annotated[Proximity | None, Column("Condition1", "Feedr")] = None
    """Main road, railroad or positive feature nearby."""
    condition_2: Annotated[Proximity | None, Column("Condition2", "Norm")] = None
    """The same, if there is a second one."""
    bldg_type: Annotated[DwellingType, Column("BldgType", "1Fam")]
    """Type of the dwelling."""
    house_style: Annotated[HouseStyle | None, Column("HouseStyle", "1Story")] = None
    """Style of the dwelling."""
    overall_qual: Annotated[Rating, Column("OverallQual", 5)]
    """Overall material and finish."""
    overall_cond: Annotated[Rating, Column("OverallCond", 6)]
    """Overall condition."""
    year_built: Annotated[Year, Column("YearBuilt", 1961)]
    """Year of construction."""
    year_remod_add: Annotated[Year | None, Column("YearRemodAdd", 1961)] = None
    """Year of remodelling; the year of construction if there was none."""
    roof_style: Annotated[RoofStyle | None, Column("RoofStyle", "Gable")] = None
    """Style of the roof."""
    roof_matl: Annotated[RoofMaterial | None, Column("RoofMatl", "CompShg")] = None
    """Material of the roof."""
    exterior_1st: Annotated[FirstSiding | None, Column("Exterior1st", "VinylSd")] = None
    """Covering of the exterior."""
    exterior_2nd: Annotated[SecondSiding | None, Column("Exterior2nd", "VinylSd")] = None
    """Second covering of the exterior, if there is more than one."""
    mas_vnr_type: Annotated[MasonryVeneer | None, Column("MasVnrType", None)] = None
    """Type of masonry veneer."""
    mas_vnr_area: Annotated[SquareFeet | None, Column("MasVnrArea", 0)] = None
    """Area of masonry veneer."""
    exter_qual: Annotated[Quality | None, Column("ExterQual", "TA")] = None
    """Quality of the exterior's material."""
    exter_cond: Annotated[Quality | None, Column("ExterCond", "TA")] = None
    """Present condition of the exterior's material."""
    foundation: Annotated[Foundation | None, Column("Foundation", "CBlock")] = None
    """Type of foundation."""
    bsmt_qual: Annotated[BasementHeight | None, Column("BsmtQual", "TA"), Absence("no basement")] = None
    """Height of the basement."""
    bsmt_cond: Annotated[BasementCondition | None, Column("BsmtCond", "TA"), Absence("no basement")] = None
    """General condition of the basement."""
    bsmt_exposure: Annotated[BasementExposure | None, Column("BsmtExposure", "No"), Absence("no basement")] = None
    """Walkout or garden-level walls."""
    bsmt_fin_type_1: Annotated[BasementFinish | None, Column("BsmtFinType1", "Rec"), Absence("no basement")] = None
    """Rating of the finished basement area."""
    bsmt_fin_sf_1: Annotated[SquareFeet | None, Column("BsmtFinSF1", 468)] = None
    """Finished basement area of the first type."""
    bsmt_fin_type_2: Annotated[BasementFinish | None, Column("BsmtFinType2", "LwQ"), Absence("no basement")] = None
    """Rating of the finished basement area of a second type."""
    bsmt_fin_sf_2: Annotated[SquareFeet | None, Column("BsmtFinSF2", 144)] = None
    """Finished basement area of the second type."""
    bsmt_unf_sf: Annotated[SquareFeet | None, Column("BsmtUnfSF", 270)] = None
    """Unfinished basement area."""
    total_bsmt_sf: Annotated[SquareFeet | None, Column("TotalBsmtSF", 882)] = None
    """Whole basement area."""
    heating: Annotated[Heating | None, Column("Heating", "GasA")] = None
    """Type of heating."""
    heating_qc: Annotated[Quality | None, Column("HeatingQC", "TA")] = None
    """Quality and condition of the heating."""
    central_air: Annotated[YesNo | None, Column("CentralAir", "Y")] = None
    """Central air conditioning."""
    electrical: Annotated[Electrical | None, Column("Electrical", "SBrkr")] = None
    """Electrical system."""
    first_flr_sf: Annotated[SquareFeet | None, Column("1stFlrSF", 896)] = None
    """Area of the first floor."""
    second_flr_sf: Annotated[SquareFeet | None, Column("2ndFlrSF", 0)] = None
    """Area of the second floor."""
    low_qual_fin_sf: Annotated[SquareFeet | None, Column("LowQualFinSF", 0)] = None
    """Low-quality finished area, all floors."""
    gr_liv_area: Annotated[SquareFeet, Column("GrLivArea", 896)]
    """Living area above ground."""
    bsmt_full_bath: Annotated[Count | None, Column("BsmtFullBath", 0)] = None
    """Full bathrooms in the basement."""
    bsmt_half_bath: Annotated[Count | None, Column("BsmtHalfBath", 0)] = None
    """Half bathrooms in the basement."""
    full_bath: Annotated[Count | None, Column("FullBath", 1)] = None
    """Full bathrooms above ground."""
    half_bath: Annotated[Count | None, Column("HalfBath", 0)] = None
    """Half bathrooms above ground."""
    bedroom_abv_gr: Annotated[Count | None, Column("BedroomAbvGr", 2)] = None
    """Bedrooms above ground."""
    kitchen_abv_gr: Annotated[Count | None, Column("KitchenAbvGr", 1)] = None
    """Kitchens above ground."""
    kitchen_qual: Annotated[Quality | None, Column("KitchenQual", "TA")] = None
    """Quality of the kitchen."""
    tot_rms_abv_grd: Annotated[Count | None, Column("TotRmsAbvGrd", 5)] = None
    """Rooms above ground, bathrooms not counted."""
    functional: Annotated[Functionality | None, Column("Functional", "Typ")] = None
    """Functionality of the home."""
    fireplaces: Annotated[Count | None, Column("Fireplaces", 0)] = None
    """Fireplaces."""
    fireplace_qu: Annotated[FireplaceQuality | None, Column("FireplaceQu", None), Absence("no fireplace")] = None
    """Quality of the fireplace."""
    garage_type: Annotated[GarageLocation | None, Column("GarageType", "Attchd"), Absence("no garage")] = None
    """Location of the garage."""
    garage_yr_blt: Annotated[Year | None, Column("GarageYrBlt", 1961), Absence("no garage")] = None
    """Year in which the garage was built."""
    garage_finish: Annotated[GarageFinish | None, Column("GarageFinish", "Unf"), Absence("no garage")] = None
    """Interior finish of the garage."""
    garage_cars: Annotated[Count | None, Column("GarageCars", 1)] = None
    """Cars that the garage holds."""
    garage_area: Annotated[SquareFeet | None, Column("GarageArea", 730)] = None
    """Area of the garage."""
    garage_qual: Annotated[Quality | None, Column("GarageQual", "TA"), Absence("no garage")] = None
    """Quality of the garage."""
    garage_cond: Annotated[Quality | None, Column("GarageCond", "TA"), Absence("no garage")] = None
    """Condition of the garage."""
    paved_drive: Annotated[PavedDrive | None, Column("PavedDrive", "Y")] = None
    """Surface of the driveway."""
    wood_deck_sf: Annotated[SquareFeet | None, Column("WoodDeckSF", 140)] = None
    """Area of the wood deck."""
    open_porch_sf: Annotated[SquareFeet | None, Column("OpenPorchSF", 0)] = None
    """Area of the open porch."""
    enclosed_porch: Annotated[SquareFeet | None, Column("EnclosedPorch", 0)] = None
    """Area of the enclosed porch."""
    three_ssn_porch: Annotated[SquareFeet | None, Column("3SsnPorch", 0)] = None
    """Area of the three-season porch."""
    screen_porch: Annotated[SquareFeet | None, Column("ScreenPorch", 120)] = None
    """Area of the screened porch."""
    pool_area: Annotated[SquareFeet | None, Column("PoolArea", 0)] = None
    """Area of the pool."""
    pool_qc: Annotated[Quality | None, Column("PoolQC", None), Absence("no pool")] = None
    """Quality of the pool."""
    fence: Annotated[Fence | None, Column("Fence", "MnPrv"), Absence("no fence")] = None
    """Quality of the fence."""
    misc_feature: Annotated[MiscellaneousFeature | None, Column("MiscFeature", None), Absence("none")] = None
    """Feature that no other field covers."""
    misc_val: Annotated[Dollars | None, Column("MiscVal", 0)] = None
    """Value of the miscellaneous feature."""
    mo_sold: Annotated[Month | None, Column("MoSold", 6)] = None
    """Month of the sale; without a year, of the year as of which the house is priced."""
    yr_sold: Annotated[Year | None, Column("YrSold", 2010)] = None
    """Year of the sale. Without it, the house is priced as of the date that the caller or the service states."""
    sale_type: Annotated[SaleType | None, Column("SaleType", "WD")] = None
    """Type of the sale."""
    sale_condition: Annotated[SaleCondition | None, Column("SaleCondition", "Normal")] = None
    """Condition of the sale."""
