#!lua flags=no-writes
-- Entries with their values cut short: a list needs little of each, however large they are.
-- KEYS: stream
-- ARGV: start, end, 'oldest' or 'newest' first, most entries, longest value in bytes,
--       number of conditions, a field and its value for each, then the fields wanted
-- Returns {entries, where to go on or ''}: of each its id, then field, value, bytes of the whole value.
-- It may return before it has as many, even none, so that the server is not kept from its work.
local range = ARGV[3] == 'newest' and 'XREVRANGE' or 'XRANGE'
local from, most, longest = ARGV[1], tonumber(ARGV[4]), tonumber(ARGV[5])
-- Nothing can follow it, and a server refuses to be asked what does.
local last_of_all = '18446744073709551615-18446744073709551615'
local first_wanted = 7 + 2 * tonumber(ARGV[6])
local found, looked, read = {}, 0, 0
repeat
  local page = redis.call(range, KEYS[1], from, ARGV[2], 'COUNT', 1)
  if #page == 0 then return {found, ''} end
  local id, flat, fields, fits = page[1][1], page[1][2], {}, true
  for i = 1, #flat, 2 do
    -- The first of a name counts: what is written of a dead letter stands before the event's own.
    fields[flat[i]] = fields[flat[i]] or flat[i + 1]
    read = read + #flat[i] + #flat[i + 1]
  end
  for i = 7, first_wanted - 2, 2 do
    if fields[ARGV[i]] ~= ARGV[i + 1] then fits = false end
  end
  if fits then
    local one = {id}
    for i = first_wanted, #ARGV do
      local value = fields[ARGV[i]]
      if value then
        one[#one + 1] = ARGV[i]
        one[#one + 1] = string.sub(value, 1, longest)
        one[#one + 1] = #value
      end
    end
    found[#found + 1] = one
  end
  from, looked = '(' .. id, looked + 1
  if id == last_of_all and range == 'XRANGE' then return {found, ''} end
until #found >= most or looked >= 1000 or read > 1048576
return {found, from}
