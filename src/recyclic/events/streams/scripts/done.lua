#!lua flags=allow-oom
-- Acknowledge entries and let go of what waits behind them.
-- KEYS: stream, state, due, after   ARGV: group, entry id...
-- Returns how many were still pending.
local acknowledged = 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do
  acknowledged = acknowledged + redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('HDEL', KEYS[2], ARGV[i])
  redis.call('ZREM', KEYS[3], ARGV[i])
  local follower = redis.call('HGET', KEYS[4], ARGV[i])
  if follower then
    redis.call('HDEL', KEYS[4], ARGV[i])
    redis.call('ZADD', KEYS[3], 'XX', now, follower)
  end
end
return acknowledged
