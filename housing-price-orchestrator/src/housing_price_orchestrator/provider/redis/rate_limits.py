"""Rate limits in Redis, so that workers and instances share them."""

from collections.abc import Sequence

from housing_price_orchestrator.access.rate_limits import Claim, RateLimiter, Verdict, judge
from housing_price_orchestrator.provider.redis.connection import PREFIX, RedisConnection, RedisUnavailable

# Takes from all buckets or from none, by the clock of Redis. A bucket that would be full again expires.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6
local held, all = {}, true
for i, bucket in ipairs(KEYS) do
  local rate, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local stored = redis.call('HMGET', bucket, 'tokens', 'at')
  local tokens, at = tonumber(stored[1]) or burst, tonumber(stored[2]) or now
  held[i] = math.min(burst, tokens + math.max(0, now - at) * rate)
  all = all and held[i] >= 1
end
local answer = {}
for i, bucket in ipairs(KEYS) do
  answer[i] = string.format('%.6f', held[i])
  if all then
    local rate, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    redis.call('HSET', bucket, 'tokens', string.format('%.6f', held[i] - 1), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', bucket, math.ceil((burst - held[i] + 1) / rate * 1000) + 1000)
  end
end
return answer
"""


class RedisRateLimiter:
    """Token buckets that every process with the same Redis shares.

    Args:
        connection: where they are.
        fallback: the limits of this process, which apply while Redis does not answer.
    """

    def __init__(self, connection: RedisConnection, fallback: RateLimiter) -> None:
        self._connection = connection
        self._take = connection.register_script(_TAKE)
        self._fallback = fallback

    async def take(self, claims: Sequence[Claim]) -> Verdict | None:
        """Take a token from each bucket, or from none if one is empty."""
        keys = [f"{PREFIX}:limit:{claim.kind}:{claim.client}" for claim in claims]
        rates = [figure for claim in claims for figure in (claim.rate.per_second, claim.rate.burst)]
        try:
            tokens = await self._connection.run(self._take, keys, *rates)
        except RedisUnavailable:
            return await self._fallback.take(claims)
        return judge(claims, list(map(float, tokens)))
