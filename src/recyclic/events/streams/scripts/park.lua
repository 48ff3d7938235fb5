#!lua flags=allow-oom
-- May this entry run, or does the one before it with the same key still wait?
-- KEYS: stream, due, after   ARGV: group, consumer, entry id, previous entry id, look again ms
-- Returns 1 to run; 0 when it was parked and will become due once the previous one is settled.
local group, me, id, previous = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local before = redis.call('XPENDING', KEYS[1], group, previous, previous, 1)
if #before == 0 then return 1 end
local mine = redis.call('XPENDING', KEYS[1], group, id, id, 1)
if #mine == 0 or mine[1][2] ~= me then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[3], previous, id)
redis.call('XCLAIM', KEYS[1], group, 'waiting', 0, id, 'JUSTID')
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[5]), id)
return 0
