"""The lock of a state folder."""

from pathlib import Path

import pytest
from housing_price.errors import PlaceTakenError
from housing_price.state_lock import lock_state


def test_one_process_at_a_time_holds_a_state_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "state"
    taken = pytest.raises(PlaceTakenError, match="choose another folder with --state-dir")

    with lock_state(folder), taken, lock_state(folder):
        pass

    with lock_state(folder):
        pass
