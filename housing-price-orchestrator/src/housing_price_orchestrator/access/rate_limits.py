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


def judge(claims: Sequence[Claim], tokens: Sequence[float]) -> Verdict:
    """The verdict where the buckets hold so many tokens before the request."""
    least = min(tokens)
    if least >= 1:
        return _allowed(claims[tokens.index(least)], least)
    wait, index = max(((1 - held) / claims[index].rate.per_second, index) for index, held in enumerate(tokens))
    return Verdict(claims[index], 0, _seconds_to_fill(claims[index].rate, tokens[index]), wait)


def _allowed(claim: Claim, tokens: float) -> Verdict:
    left = tokens - 1
    return Verdict(claim, int(left), _seconds_to_fill(claim.rate, left), 0)


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
        now, least, buckets = self.now(), math.inf, []
        for claim in claims:
            bucket = self._filled(claim, now)
            buckets.append(bucket)
            if bucket.tokens < least:
                least, tightest = bucket.tokens, claim
        if least < 1:
            return judge(claims, [bucket.tokens for bucket in buckets])
        for bucket in buckets:
            bucket.tokens -= 1
        return _allowed(tightest, least)

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
        if now > bucket.at:
            per_second, burst = rate
            tokens = bucket.tokens + (now - bucket.at) * per_second
            bucket.tokens = tokens if tokens < burst else burst
            bucket.at = now
        return bucket
