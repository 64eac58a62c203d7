"""What the files of flows may refer to that is in none of them: the pricing model, a house, settings for secrets."""

from declared_flows.planning.plan import SourceSignature
from declared_flows.planning.surroundings import Surroundings
from declared_flows.sources.kinds import installed_kinds
from house_record import AMES, Record

from housing_price_orchestrator.service import flow_source
from housing_price_orchestrator.service.flow_records import describe_house

RESERVED_PATHS = (
    "/health",
    "/ready",
    "/metrics",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/favicon.ico",
    "/api/v1/price",
    "/api/v1/admin",
    "/api/v1/executions",
)
"""Addresses that are the service's own, and all below them."""


def surroundings(record: Record = AMES) -> Surroundings:
    """Return what files may refer to, whatever the settings are; an entry point, for the reference of the notation."""
    house, signatures = describe_house(record), flow_source.signatures(record)
    return Surroundings(
        kinds=installed_kinds(),
        own_sources={flow_source.NAME: SourceSignature(signatures, description=flow_source.DESCRIPTION)},
        records={house.name: house},
        reserved_paths=RESERVED_PATHS,
        setting_prefix="ORCHESTRATOR_FLOWS__SECRETS__",
    )
