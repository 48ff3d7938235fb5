#!lua
-- Store one event, once, after the last one of the same key.
-- KEYS: stream, last, sent      ARGV: ordering key or '', remember-as-sent ms or 0, field, value...
-- Returns the entry id, or '' when this event was stored before.
local key, once = ARGV[1], tonumber(ARGV[2])
if once > 0 and not redis.call('SET', KEYS[3], '1', 'NX', 'PX', once) then return '' end
local fields = {}
for i = 3, #ARGV do fields[#fields + 1] = ARGV[i] end
if key ~= '' then
  local previous = redis.call('HGET', KEYS[2], key)
  if previous then
    fields[#fields + 1] = 'prev'
    fields[#fields + 1] = previous
  end
end
local id = redis.call('XADD', KEYS[1], '*', unpack(fields))
if key ~= '' then redis.call('HSET', KEYS[2], key, id) end
return id
