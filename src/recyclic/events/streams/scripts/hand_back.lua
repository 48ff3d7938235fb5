#!lua flags=allow-oom
-- Give entries back unhandled, for any worker to take at once, in their order.
-- KEYS: stream, due   ARGV: group, consumer, entry id... (none: whatever the consumer owns)
-- Returns how many were still ours.
local group, me = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local given = 0

local function give(id)
  redis.call('XCLAIM', KEYS[1], group, 'waiting', 0, id, 'JUSTID')
  redis.call('ZADD', KEYS[2], now, id)
  given = given + 1
end

if #ARGV > 2 then
  for i = 3, #ARGV do
    local pending = redis.call('XPENDING', KEYS[1], group, ARGV[i], ARGV[i], 1)
    if #pending == 1 and pending[1][2] == me then give(ARGV[i]) end
  end
else
  for _, one in ipairs(redis.call('XPENDING', KEYS[1], group, '-', '+', 10000, me)) do give(one[1]) end
end
return given
