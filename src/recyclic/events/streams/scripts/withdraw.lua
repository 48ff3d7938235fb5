#!lua flags=allow-oom
-- Undo the making of a group that nobody has ever read for.
-- KEYS: stream, modules   ARGV: group
-- Returns 1 when it is undone, 0 when somebody reads for it, or it is gone.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for _, flat in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local one = {}
  for i = 1, #flat, 2 do one[flat[i]] = flat[i + 1] end
  if one.name == ARGV[1] then
    if one.consumers > 0 then return 0 end
    redis.call('HDEL', KEYS[2], ARGV[1])
    return redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
  end
end
return 0
