"""Rate limits as token buckets, of this process alone.

The library `limits` counts in windows, which has no burst apart from the rate; a bucket is a dozen lines.
"""

import math
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Rate(NamedTuple):
    """How often one client may ask.

    Args:
        per_second: tokens that a bucket gains in a second; a request takes one.
        burst: tokens that it holds at most, and in the beginning.
    """

    per_second: float
    burst: int


class Claim(NamedTuple):
    """A bucket that a request takes a token from.

    Args:
        kind: what is limited: `key` or `address`.
        client: whose bucket it is.
        rate: how it fills.
    """

    kind: str
    client: str
    rate: Rate


class Verdict(NamedTuple):
    """Whether a request may go on, by the bucket that binds it most.

    Args:
        claim: that bucket.
        remaining: tokens that are left in it.
        reset_seconds: until it is full.
        retry_after_seconds: until there is a token again; 0 where the request took one.
    """

    claim: Claim
    remaining: int
    reset_seconds: int
    retry_after_seconds: float

    @property
    def is_allowed(self) -> bool:
        return self.retry_after_seconds == 0


class Limits(Protocol):
    """Where the buckets are."""

    async def take(self, claims: Sequence[Claim]) -> Verdict | None:
        """Take a token from each bucket, or from none where one is empty; None where that can't be told."""
        ...


@dataclass(slots=True)
class TokenBucket:
    """Fills with time. ``at`` is when it held ``tokens``."""

    tokens: float
    at: float

    def fill(self, rate: Rate, now: float) -> None:
        """Add the tokens that it has gained since."""
        if now > self.at:
            tokens = self.tokens + (now - self.at) * rate.per_second
            self.tokens = min(tokens, rate.burst)
            self.at = now


def judge(claims: Sequence[Claim], tokens: Sequence[float]) -> Verdict:
    """The verdict where the buckets hold so many tokens before the request."""
    least = min(tokens)
    if least >= 1:
        claim, left = claims[tokens.index(least)], least - 1
        return Verdict(claim, int(left), _seconds_to_fill(claim.rate, left), 0)
    wait, index = max(((1 - held) / claims[index].rate.per_second, index) for index, held in enumerate(tokens))
    return Verdict(claims[index], 0, _seconds_to_fill(claims[index].rate, tokens[index]), wait)


def _seconds_to_fill(rate: Rate, tokens: float) -> int:
    return math.ceil((rate.burst - tokens) / rate.per_second)


@dataclass
class LimitsInMemory:
    """Buckets of this process; of each kind those that were asked lately, so that memory is bounded.

    Args:
        most_clients: buckets of one kind. A forgotten one is full when it is asked again.
        now: a clock in seconds.
    """

    most_clients: int
    now: Callable[[], float] = time.monotonic
    _buckets: dict[str, OrderedDict[str, TokenBucket]] = field(default_factory=lambda: defaultdict(OrderedDict))

    async def take(self, claims: Sequence[Claim]) -> Verdict | None:
        """Take a token from each bucket, or from none where one is empty."""
        now = self.now()
        buckets = [self._filled(claim, now) for claim in claims]
        verdict = judge(claims, [bucket.tokens for bucket in buckets])
        if verdict.is_allowed:
            for bucket in buckets:
                bucket.tokens -= 1
        return verdict

    @property
    def size(self) -> int:
        """How many buckets there are."""
        return sum(map(len, self._buckets.values()))

    def _filled(self, claim: Claim, now: float) -> TokenBucket:
        kind, client, rate = claim
        buckets = self._buckets[kind]
        bucket = buckets.get(client)
        if bucket is None:
            bucket = buckets[client] = TokenBucket(rate.burst, now)
            if len(buckets) > self.most_clients:
                buckets.popitem(last=False)
            return bucket
        buckets.move_to_end(client)
        bucket.fill(rate, now)
        return bucket
