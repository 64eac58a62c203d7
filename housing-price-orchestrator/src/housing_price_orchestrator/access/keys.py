"""The file of API keys that the settings name."""

from api_keys.file import KeyFile
from api_keys.pepper import Pepper

from housing_price_orchestrator.settings import KeySettings


def key_file(settings: KeySettings) -> KeyFile:
    """Return the file of API keys, with its pepper."""
    pepper = settings.pepper.get_secret_value() if settings.pepper else None
    return KeyFile(settings.file, Pepper(pepper, settings.pepper_place))
