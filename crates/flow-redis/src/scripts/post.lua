-- Puts a letter at the end of a session's inbox, if there is room and none of its name waits.
-- KEYS: the inbox; the wake index of the flow; the flows that have an index beside it. ARGV: the letter, which begins with the 16
-- bytes of its name; how many letters there may be; how many bytes of their bodies; the milliseconds of the lease; the
-- session; the flow.
-- Gives 1 if it is the first, 2 if it is behind others, -3 if one of its name waits, and 0 if there is no room.
local name = string.sub(ARGV[1], 1, 16)
local letters, bytes = redis.call('LRANGE', KEYS[1], 0, -1), #ARGV[1] - 16
for _, letter in ipairs(letters) do
    if string.sub(letter, 1, 16) == name then
        return -3
    end
    bytes = bytes + #letter - 16
end
if #letters >= tonumber(ARGV[2]) or bytes > tonumber(ARGV[3]) then
    return 0
end
-- Asked before the first write, because nothing is rolled back.
local time = redis.call('TIME')
local pushed = redis.pcall('RPUSH', KEYS[1], ARGV[1])
if type(pushed) == 'table' and pushed.err then
    return pushed
end
if #letters > 0 then
    return 2
end
local now = time[1] * 1000 + time[2] / 1000
redis.call('ZADD', KEYS[2], string.format('%.0f', math.ceil(now) + ARGV[4]), ARGV[5])
redis.call('ZADD', KEYS[3], 0, ARGV[6])
return 1
