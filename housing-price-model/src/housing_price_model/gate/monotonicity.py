"""Whether prices rise where the market's do, or at least fall no more often than the champion's."""

from housing_price_model.gate.check import Check
from housing_price_model.training.monotonicity import LARGEST_FALL, StepFalls, share_of_falls

LARGEST_SHARE = 0.005
MONOTONICITY = "monotonicity"
LIMIT = (
    f"falls above {LARGEST_FALL * 100:g} % in at most {LARGEST_SHARE * 100:g} % of cases, or no more than the champion"
)


def check_monotonicity(challenger: list[StepFalls], champion: list[StepFalls] | None) -> Check:
    """Judge the share of falls over all steps; a champion that can't be asked sets no example."""
    share, limit = share_of_falls(challenger), LARGEST_SHARE
    figure = f"{share:.2%} of {sum(step.cases for step in challenger):,} cases ({_by_step(challenger)})"
    if champion is not None:
        figure += f", champion {share_of_falls(champion):.2%}"
        limit = max(limit, share_of_falls(champion))
    return Check(name=MONOTONICITY, passed=share <= limit, figure=figure, limit=LIMIT)


def _by_step(steps: list[StepFalls]) -> str:
    return ", ".join(f"{step.name} {share_of_falls([step]):.2%}" for step in steps)
