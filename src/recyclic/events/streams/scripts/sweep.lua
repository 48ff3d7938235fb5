#!lua flags=allow-oom
-- Take what is due and what dead workers left, of several streams of one group.
-- KEYS: stream, state, due for each stream
-- ARGV: group, consumer, limit, lease ms, number of names, names of consumers known to be dead...
-- Returns {entries, ghosts, next due}: entries {stream number, id, fields, deliveries, state},
-- ghosts {stream number, id} (the body was destroyed under us), ms until the next retry or -1.
local group, me, limit, lease = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local known_dead = {}
for i = 6, 5 + tonumber(ARGV[5]) do known_dead[ARGV[i]] = true end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entries, ghosts, next_due = {}, {}, -1

local function take(number, stream, state, id, deliveries)
  local found = redis.call('XRANGE', stream, id, id)
  if #found == 0 then
    redis.call('XACK', stream, group, id)
    redis.call('HDEL', state, id)
    ghosts[#ghosts + 1] = {number, id}
  else
    local known = redis.call('HGET', state, id)
    entries[#entries + 1] = {number, id, found[1][2], deliveries, known or ''}
  end
end

local function take_due(number, stream, state, due)
  local ids = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, limit - #entries)
  for _, id in ipairs(ids) do
    redis.call('ZREM', due, id)
    local pending = redis.call('XPENDING', stream, group, id, id, 1)
    if #pending == 1 then
      redis.call('XCLAIM', stream, group, me, 0, id, 'JUSTID')
      take(number, stream, state, id, pending[1][4])
    end
  end
  local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if #first == 2 then
    local wait = math.max(0, tonumber(first[2]) - now)
    if next_due < 0 or wait < next_due then next_due = wait end
  end
end

local function take_from(number, stream, state, consumer, idle)
  local left = redis.call('XPENDING', stream, group, 'IDLE', idle, '-', '+', limit - #entries, consumer)
  for _, one in ipairs(left) do
    -- The count says how many workers had it: a deadly event is known by it.
    redis.call('XCLAIM', stream, group, me, 0, one[1], 'RETRYCOUNT', one[4] + 1, 'JUSTID')
    take(number, stream, state, one[1], one[4] + 1)
  end
end

local function take_over(number, stream, state)
  for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
    local one = {}
    for i = 1, #flat, 2 do one[flat[i]] = flat[i + 1] end
    -- What is ours runs here or was read again when we reconnected: it is not left by anyone.
    if one.name ~= 'waiting' and one.name ~= me and one.pending > 0 and #entries < limit then
      take_from(number, stream, state, one.name, known_dead[one.name] and 0 or lease)
    elseif one.pending == 0 and one.name ~= me and (known_dead[one.name] or one.idle > 3600000) then
      if one.name ~= 'waiting' then redis.call('XGROUP', 'DELCONSUMER', stream, group, one.name) end
    end
  end
end

for number = 1, #KEYS / 3 do
  local stream, state, due = KEYS[number * 3 - 2], KEYS[number * 3 - 1], KEYS[number * 3]
  if redis.call('EXISTS', stream) == 1 then
    if #entries < limit then take_due(number, stream, state, due) end
    if #entries < limit then take_over(number, stream, state) end
  end
end
return {entries, ghosts, next_due}
