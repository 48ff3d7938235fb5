#!lua
-- A dead letter becomes an event again, for the module and handler it died in.
-- KEYS: dead, stream   ARGV: dead letter's id
-- Returns the new entry's id, or '' when there is no such dead letter.
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
if #found == 0 then return '' end
local about = {module = true, handler = true, reason = true, detail = true, attempts = true,
               entry = true, died = true, only = true, prev = true, key = true}
local fields, told = {}, {}
for i = 1, #found[1][2], 2 do
  local name, value = found[1][2][i], found[1][2][i + 1]
  if about[name] then told[name] = told[name] or value else
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
end
local only = told.module
if told.handler and told.handler ~= '*' then only = only .. '/' .. told.handler end
fields[#fields + 1] = 'only'
fields[#fields + 1] = only
local id = redis.call('XADD', KEYS[2], '*', unpack(fields))
redis.call('XDEL', KEYS[1], ARGV[1])
return id
