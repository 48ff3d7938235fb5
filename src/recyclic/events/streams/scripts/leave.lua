#!lua flags=allow-oom
-- Remove a consumer that owns nothing. With something pending, removing it would lose that.
-- KEYS: stream   ARGV: group, consumer
-- Returns 1 when removed, 0 when it still owns entries or is not there.
for _, flat in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local one = {}
  for i = 1, #flat, 2 do one[flat[i]] = flat[i + 1] end
  if one.name == ARGV[2] and one.pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return 1
  end
end
return 0
