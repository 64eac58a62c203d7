"""Weights & Biases, offline."""

from pathlib import Path

import pytest
from housing_price_model.tuning.logs import WandbLog, describe
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial


def a_trial(state: TrialState = TrialState.COMPLETE) -> FrozenTrial:
    return create_trial(
        state=state,
        value=0.12 if state == TrialState.COMPLETE else None,
        params={"trees_share": 0.3},
        distributions={"trees_share": FloatDistribution(0, 1)},
        intermediate_values={0: 0.13, 1: 0.12},
    )


def test_a_trial_is_told_with_its_score_or_where_it_was_pruned() -> None:
    assert describe(a_trial(), best_number=a_trial().number) == "RMSLE 0.12000, the best so far"
    assert describe(a_trial(TrialState.PRUNED), best_number=None) == "pruned after fold 2"


def test_a_search_is_logged_to_weights_and_biases_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = pytest.importorskip("wandb", reason="the extra wandb is not installed")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "importance.png").write_bytes(b"a picture")

    log = WandbLog("tries")
    log.trial(a_trial())
    log.keep({"cv_overall_rmsle": 0.12}, tmp_path / "plots")
    log.close("FINISHED")
    # Its own process writes the file, and has written all of it when it ends.
    wandb.teardown()

    (run,) = (tmp_path / "wandb").glob("offline-run-*/*.wandb")
    written = run.read_bytes()
    assert b"trees_share" in written
    assert b"cv_overall_rmsle" in written
