-- Make the stream of one round trip with its group. In one step with its end: a process that is
-- killed in between, or a server that stands still, leaves nothing for long.
-- KEYS: stream. ARGV: group, ms until it is gone.
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
