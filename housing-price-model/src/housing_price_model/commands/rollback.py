"""The command `rollback`: makes the previous champion the champion again, without checks."""

from rich.console import Console

from housing_price_model.commands.promote import RESTART
from housing_price_model.registry.connection import connect, tracking_uri
from housing_price_model.registry.promotion import roll_back
from housing_price_model.registry.versions import CHAMPION, MODEL_NAME


def roll_back_champion(console: Console, *, reason: str, registry_timeout_seconds: float) -> None:
    """Move the alias back to the previous champion.

    Raises:
        PromotionRefused: if there is no previous champion.
        RegistryError: if the registry can't be reached or refuses.
    """
    client = connect(tracking_uri(), timeout_seconds=registry_timeout_seconds)
    moved = roll_back(client, reason)
    console.print(f"{MODEL_NAME} version {moved.restored} is the {CHAMPION} again, in place of version {moved.left}")
    console.print(RESTART)
