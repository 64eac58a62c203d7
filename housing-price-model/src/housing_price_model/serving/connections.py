"""The protocol of the model server's connections. Workers import it by its name, because a class can't be pickled."""

from http_connections.protocol import connection_protocol
from http_connections.rules import ConnectionRules

from housing_price_model.serving.bodies import BODY_TIMEOUT_SECONDS
from housing_price_model.serving.refusals import refuse_connection

RULES = ConnectionRules(head_seconds=BODY_TIMEOUT_SECONDS, rest_seconds=BODY_TIMEOUT_SECONDS)

ModelServerProtocol = connection_protocol(RULES, refuse_connection)
