#!lua flags=allow-oom
-- Acknowledge entries and let go of what waits behind them.
-- KEYS: stream, state, due, after   ARGV: group, entry id...
-- Returns how many were let go: they are first in line, before whatever became due meanwhile.
local released = 0
for i = 2, #ARGV do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  redis.call('HDEL', KEYS[2], ARGV[i])
  redis.call('ZREM', KEYS[3], ARGV[i])
  local follower = redis.call('HGET', KEYS[4], ARGV[i])
  if follower then
    redis.call('HDEL', KEYS[4], ARGV[i])
    redis.call('ZADD', KEYS[3], 'XX', 0, follower)
    released = released + 1
  end
end
return released
