#!lua flags=no-writes
-- How every group stands on one event, in one look.
-- KEYS: stream, dead
-- Returns {ms since 1970, dead letters, groups}, a group being
-- {name, lag or -1 where the server does not know it, last delivered id, next id, pending, oldest pending id}.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local groups = {}
if redis.call('EXISTS', KEYS[1]) == 1 then
  local length = redis.call('XLEN', KEYS[1])
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local one = {}
    for i = 1, #flat, 2 do one[flat[i]] = flat[i + 1] end
    local last = one['last-delivered-id']
    local following = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', 1)
    local pending = redis.call('XPENDING', KEYS[1], one.name)
    local lag = one.lag
    -- After a trim it counts what is no longer there; after a deletion it is not known.
    if not lag or lag > length then lag = -1 end
    if #following == 0 then lag = 0 end
    groups[#groups + 1] = {one.name, lag, last, #following == 1 and following[1][1] or '',
                           pending[1], pending[2] or ''}
  end
end
return {now, redis.call('XLEN', KEYS[2]), groups}
