"""The names that clients and data files rely on. A change here breaks them."""

import json

import pytest
from house_record import COLUMNS, EXAMPLE, FEATURES, FIELDS, Feature, House, example_document
from pydantic import ValidationError

PUBLISHED_REQUEST = """
{"id":1461,"msSubClass":20,"msZoning":"RH","lotFrontage":80,"lotArea":11622,"street":"Pave","alley":null,
"lotShape":"Reg","landContour":"Lvl","utilities":"AllPub","lotConfig":"Inside","landSlope":"Gtl",
"neighborhood":"NAmes","condition1":"Feedr","condition2":"Norm","bldgType":"1Fam","houseStyle":"1Story",
"overallQual":5,"overallCond":6,"yearBuilt":1961,"yearRemodAdd":1961,"roofStyle":"Gable",
"roofMatl":"CompShg","exterior1St":"VinylSd","exterior2Nd":"VinylSd","masVnrType":null,"masVnrArea":0,
"exterQual":"TA","exterCond":"TA","foundation":"CBlock","bsmtQual":"TA","bsmtCond":"TA","bsmtExposure":"No",
"bsmtFinType1":"Rec","bsmtFinSf1":468,"bsmtFinType2":"LwQ","bsmtFinSf2":144,"bsmtUnfSf":270,
"totalBsmtSf":882,"heating":"GasA","heatingQc":"TA","centralAir":"Y","electrical":"SBrkr","firstFlrSf":896,
"secondFlrSf":0,"lowQualFinSf":0,"grLivArea":896,"bsmtFullBath":0,"bsmtHalfBath":0,"fullBath":1,"halfBath":0,
"bedroomAbvGr":2,"kitchenAbvGr":1,"kitchenQual":"TA","totRmsAbvGrd":5,"functional":"Typ","fireplaces":0,
"fireplaceQu":null,"garageType":"Attchd","garageYrBlt":1961,"garageFinish":"Unf","garageCars":1,
"garageArea":730,"garageQual":"TA","garageCond":"TA","pavedDrive":"Y","woodDeckSf":140,"openPorchSf":0,
"enclosedPorch":0,"threeSsnPorch":0,"screenPorch":120,"poolArea":0,"poolQc":null,"fence":"MnPrv",
"miscFeature":null,"miscVal":0,"moSold":6,"yrSold":2010,"saleType":"WD","saleCondition":"Normal"}
"""
SNAKE_CASE_NAMES = """
id ms_sub_class ms_zoning lot_frontage lot_area street alley lot_shape land_contour utilities lot_config
land_slope neighborhood condition_1 condition_2 bldg_type house_style overall_qual overall_cond year_built
year_remod_add roof_style roof_matl exterior_1st exterior_2nd mas_vnr_type mas_vnr_area exter_qual exter_cond
foundation bsmt_qual bsmt_cond bsmt_exposure bsmt_fin_type_1 bsmt_fin_sf_1 bsmt_fin_type_2 bsmt_fin_sf_2
bsmt_unf_sf total_bsmt_sf heating heating_qc central_air electrical first_flr_sf second_flr_sf low_qual_fin_sf
gr_liv_area bsmt_full_bath bsmt_half_bath full_bath half_bath bedroom_abv_gr kitchen_abv_gr kitchen_qual
tot_rms_abv_grd functional fireplaces fireplace_qu garage_type garage_yr_blt garage_finish garage_cars
garage_area garage_qual garage_cond paved_drive wood_deck_sf open_porch_sf enclosed_porch three_ssn_porch
screen_porch pool_area pool_qc fence misc_feature misc_val mo_sold yr_sold sale_type sale_condition
"""
COLUMNS_OF_THE_DATA = """
MSSubClass MSZoning LotFrontage LotArea Street Alley LotShape LandContour Utilities LotConfig LandSlope
Neighborhood Condition1 Condition2 BldgType HouseStyle OverallQual OverallCond YearBuilt YearRemodAdd RoofStyle
RoofMatl Exterior1st Exterior2nd MasVnrType MasVnrArea ExterQual ExterCond Foundation BsmtQual BsmtCond
BsmtExposure BsmtFinType1 BsmtFinSF1 BsmtFinType2 BsmtFinSF2 BsmtUnfSF TotalBsmtSF Heating HeatingQC CentralAir
Electrical 1stFlrSF 2ndFlrSF LowQualFinSF GrLivArea BsmtFullBath BsmtHalfBath FullBath HalfBath BedroomAbvGr
KitchenAbvGr KitchenQual TotRmsAbvGrd Functional Fireplaces FireplaceQu GarageType GarageYrBlt GarageFinish
GarageCars GarageArea GarageQual GarageCond PavedDrive WoodDeckSF OpenPorchSF EnclosedPorch 3SsnPorch
ScreenPorch PoolArea PoolQC Fence MiscFeature MiscVal MoSold YrSold SaleType SaleCondition
"""
REQUIRED = {"id", "lotArea", "neighborhood", "bldgType", "overallQual", "overallCond", "yearBuilt", "grLivArea"}


def test_the_example_is_the_published_request_name_by_name() -> None:
    assert list(EXAMPLE.items()) == list(json.loads(PUBLISHED_REQUEST).items())


def test_the_published_request_round_trips_as_a_house() -> None:
    house = House.model_validate_json(PUBLISHED_REQUEST)

    assert json.loads(house.model_dump_json()) == json.loads(PUBLISHED_REQUEST)


def test_snake_case_names_mean_the_same_house() -> None:
    body = dict(zip(SNAKE_CASE_NAMES.split(), EXAMPLE.values(), strict=True))

    assert House.model_validate_json(json.dumps(body)) == House.model_validate_json(PUBLISHED_REQUEST)


def test_the_columns_are_those_of_the_data_files() -> None:
    assert " ".join(COLUMNS) == " ".join(COLUMNS_OF_THE_DATA.split())
    assert FIELDS[0].column == "Id"


def test_just_the_documented_fields_are_required() -> None:
    assert {field.wire_name for field in FIELDS if field.required} == REQUIRED


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.name != f.wire_name], ids=lambda f: f.name)
def test_both_spellings_of_one_field_in_one_house_are_refused(feature: Feature) -> None:
    value = feature.example

    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        House.model_validate({**EXAMPLE, feature.name: value})


@pytest.mark.parametrize("name", ["lotaera", "LotArea", "LOTAREA", "1stFlrSF", "", "salePrice"])
def test_an_unknown_field_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        House.model_validate(example_document() | {name: 1})

    (mistake,) = refusal.value.errors()
    assert (mistake["type"], mistake["loc"]) == ("extra_forbidden", (name,))
