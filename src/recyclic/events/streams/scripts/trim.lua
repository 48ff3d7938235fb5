#!lua flags=allow-oom
-- Remove what every group has handled and retention no longer keeps.
-- KEYS: stream, last   ARGV: retention ms
-- Returns how many entries were removed.
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)%-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function earlier(a, b)
  local a_ms, a_seq = parts(a)
  local b_ms, b_seq = parts(b)
  return a_ms < b_ms or (a_ms == b_ms and a_seq < b_seq)
end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local time = redis.call('TIME')
local bound = string.format('%.0f-0', math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1])))
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
  local oldest = group['last-delivered-id']
  local pending = redis.call('XPENDING', KEYS[1], group.name)
  -- A replayed entry is pending though later ones were delivered: the oldest pending decides.
  if pending[1] > 0 and earlier(pending[2], oldest) then oldest = pending[2] end
  if earlier(oldest, bound) then bound = oldest end
end
local removed = redis.call('XTRIM', KEYS[1], 'MINID', '=', bound)
if removed > 0 then
  local cursor = '0'
  repeat
    local page = redis.call('HSCAN', KEYS[2], cursor, 'COUNT', 200)
    cursor = page[1]
    for i = 1, #page[2], 2 do
      if earlier(page[2][i + 1], bound) then redis.call('HDEL', KEYS[2], page[2][i]) end
    end
  until cursor == '0'
end
return removed
