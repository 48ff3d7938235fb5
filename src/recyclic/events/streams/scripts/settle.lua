#!lua flags=allow-oom
-- Write down what the handlers of one module made of one entry, in one step.
-- KEYS: stream, state, due, after, dead
-- ARGV: group, consumer, entry id, state JSON, delay ms ('' when all is finished; 'hold' to keep it),
--       then handler, reason, detail, attempts for each new dead letter
-- Returns 0 when the entry is no longer ours (then nothing is changed), 1 when it is done, 2 when
-- moreover the one behind it was let go: it is first in line.
local group, me, id, state, delay = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local pending = redis.call('XPENDING', KEYS[1], group, id, id, 1)
if #pending == 0 or pending[1][2] ~= me then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = 1
if delay == '' then
  redis.call('XACK', KEYS[1], group, id)
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
  local follower = redis.call('HGET', KEYS[4], id)
  if follower then
    redis.call('HDEL', KEYS[4], id)
    redis.call('ZADD', KEYS[3], 'XX', 0, follower)
    answer = 2
  end
else
  redis.call('HSET', KEYS[2], id, state)
  if delay ~= 'hold' then
    redis.call('XCLAIM', KEYS[1], group, 'waiting', 0, id, 'JUSTID')
    redis.call('ZADD', KEYS[3], now + tonumber(delay), id)
  end
end
if #ARGV > 5 then
  local entry = redis.call('XRANGE', KEYS[1], id, id)
  local body = entry[1] and entry[1][2] or {}
  for i = 6, #ARGV, 4 do
    local fields = {'module', group, 'handler', ARGV[i], 'reason', ARGV[i + 1], 'detail', ARGV[i + 2],
                    'attempts', ARGV[i + 3], 'entry', id, 'died', string.format('%.0f', now)}
    for j = 1, #body do fields[#fields + 1] = body[j] end
    redis.call('XADD', KEYS[5], '*', unpack(fields))
  end
end
return answer
