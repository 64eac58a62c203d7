"""Rate limits as token buckets.

The library `limits` counts in windows, which can't set a burst apart from the rate; a bucket is a dozen lines.
"""

import math
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Rate(NamedTuple):
    """How often one client may send requests.

    Args:
        per_second: tokens that a bucket gains each second; a request takes one.
        burst: tokens that a bucket holds at most, and at first.
    """

    per_second: float
    burst: int


class Claim(NamedTuple):
    """A bucket that a request takes a token from.

    Args:
        kind: `key` or `address`.
        client: the owner of the bucket.
        rate: how the bucket fills.
    """

    kind: str
    client: str
    rate: Rate


class Verdict(NamedTuple):
    """Whether a request is allowed, by the tightest of its buckets.

    Args:
        claim: that bucket.
        remaining: tokens left in it.
        reset_seconds: time until it is full.
        retry_after_seconds: time until it holds a token; 0 if the request took one.
    """

    claim: Claim
    remaining: int
    reset_seconds: int
    retry_after_seconds: float

    @property
    def is_allowed(self) -> bool:
        return self.retry_after_seconds == 0


class RateLimiter(Protocol):
    """Holds the buckets."""

    async def take(self, claims: Sequence[Claim]) -> Verdict | None:
        """Take a token from each bucket, or from none if one is empty; None if that is unknown."""
        ...


@dataclass(slots=True)
class TokenBucket:
    """A bucket that held ``tokens`` at the time ``at``."""

    tokens: float
    at: float


def judge(claims: Sequence[Claim], tokens: Sequence[float]) -> Verdict:
    """The verdict on a request whose buckets hold these tokens."""
    least = min(tokens)
    if least >= 1:
        return _allow(claims[tokens.index(least)], least)
    wait, index = max(((1 - held) / claims[index].rate.per_second, index) for index, held in enumerate(tokens))
    return Verdict(claims[index], 0, _seconds_to_fill(claims[index].rate, tokens[index]), wait)


def _allow(claim: Claim, tokens: float) -> Verdict:
    left = tokens - 1
    return Verdict(claim, int(left), _seconds_to_fill(claim.rate, left), 0)


def _seconds_to_fill(rate: Rate, tokens: float) -> int:
    return math.ceil((rate.burst - tokens) / rate.per_second)


@dataclass
class InMemoryRateLimiter:
    """Buckets of this process. Of each kind it keeps the most recently used, so memory is bounded.

    Args:
        max_clients: buckets of one kind. A bucket that was dropped is full when it is used again.
        now: a clock in seconds.
    """

    max_clients: int
    now: Callable[[], float] = time.monotonic
    _buckets: dict[str, OrderedDict[str, TokenBucket]] = field(default_factory=lambda: defaultdict(OrderedDict))

    async def take(self, claims: Sequence[Claim]) -> Verdict | None:
        """Take a token from each bucket, or from none if one is empty."""
        now, least, buckets = self.now(), math.inf, []
        for claim in claims:
            bucket = self._refill(claim, now)
            buckets.append(bucket)
            if bucket.tokens < least:
                least, tightest = bucket.tokens, claim
        if least < 1:
            return judge(claims, [bucket.tokens for bucket in buckets])
        for bucket in buckets:
            bucket.tokens -= 1
        return _allow(tightest, least)

    @property
    def size(self) -> int:
        """How many buckets there are."""
        return sum(map(len, self._buckets.values()))

    def _refill(self, claim: Claim, now: float) -> TokenBucket:
        kind, client, rate = claim
        buckets = self._buckets[kind]
        bucket = buckets.get(client)
        if bucket is None:
            bucket = buckets[client] = TokenBucket(rate.burst, now)
            if len(buckets) > self.max_clients:
                buckets.popitem(last=False)
            return bucket
        buckets.move_to_end(client)
        if now > bucket.at:
            per_second, burst = rate
            tokens = bucket.tokens + (now - bucket.at) * per_second
            bucket.tokens = tokens if tokens < burst else burst
            bucket.at = now
        return bucket
