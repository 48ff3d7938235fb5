#!lua flags=allow-oom
-- Have one group handle entries again that it has handled before.
-- KEYS: stream, state, due   ARGV: group, state JSON, entry id...
-- Returns how many were put in line; entries not yet delivered, in hand or gone are left alone.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local queued = 0
for i = 3, #ARGV do
  local id = ARGV[i]
  if #redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1) == 0
     and #redis.call('XRANGE', KEYS[1], id, id) == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], 'waiting', 0, id, 'FORCE', 'JUSTID')
    redis.call('HSET', KEYS[2], id, ARGV[2])
    redis.call('ZADD', KEYS[3], now, id)
    queued = queued + 1
  end
end
return queued
