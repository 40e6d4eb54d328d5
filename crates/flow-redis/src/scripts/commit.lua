-- Writes a record, and its wake time, and takes letters off, if what is stored still is what the writer has read.
-- KEYS: the record; the wake index of its flow; the flows that have an index beside it; the index of older releases, whose
-- name is how the names of all others begin; the inbox. ARGV: the new record; its prefix; the expected prefix, empty for none;
-- milliseconds to live, empty for ever; the wake time, empty for none; the session; the flow; the milliseconds of the lease under
-- which the writer goes on with the letters that are left, empty if it does not; 1 if nothing is written while a letter waits
-- before those that it takes; the names of the letters that it takes.
-- Gives 1 and the letters that are left if the record is stored, the same below zero if it was before, and otherwise what is stored instead and the time in seconds
-- and microseconds.
-- As many bytes are compared as the prefix has: those of older releases are longer, and differ only at their end.
local stored = redis.call('GETRANGE', KEYS[1], 0, 95)
if string.sub(stored, 1, #ARGV[3]) ~= ARGV[3] or (ARGV[3] == '' and redis.call('EXISTS', KEYS[1]) == 1) then
    -- The same write may have come before.
    if string.sub(stored, 1, #ARGV[2]) == ARGV[2] then
        return -1 - redis.call('LLEN', KEYS[5])
    end
    local time = redis.call('TIME')
    return { redis.call('GET', KEYS[1]), time[1], time[2] }
end
-- Every check stands before the first write, because nothing is rolled back.
local wake = redis.call('ZSCORE', KEYS[2], ARGV[6])
-- A session is in one index: not in that of the flow that had this id before, nor in that of an older release.
local others, is_known = { KEYS[4] }, false
for _, flow in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '+inf')) do
    if flow == ARGV[7] then
        is_known = true
    else
        table.insert(others, KEYS[4] .. ':' .. flow)
    end
end
local takes = {}
for index = 10, #ARGV do
    takes[ARGV[index]] = true
end
local letters, time = {}, nil
if redis.call('LLEN', KEYS[5]) > 0 then
    letters, time = redis.call('LRANGE', KEYS[5], 0, -1), redis.call('TIME')
end
if ARGV[9] == '1' and letters[1] and not takes[string.sub(letters[1], 1, 16)] then
    return { redis.call('GET', KEYS[1]), time[1], time[2] }
end
local leaving = {}
for _, index in ipairs(others) do
    if redis.call('ZSCORE', index, ARGV[6]) then
        table.insert(leaving, index)
    end
end
-- The record is written first: after any other write the server no longer looks whether it has the memory.
local set
if ARGV[4] == '' then
    set = redis.pcall('SET', KEYS[1], ARGV[1])
else
    set = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
end
if set.err then
    return set
end
local left = 0
for _, letter in ipairs(letters) do
    if takes[string.sub(letter, 1, 16)] then
        redis.call('LREM', KEYS[5], 1, letter)
    else
        left = left + 1
    end
end
local wake_at = ARGV[5]
if left > 0 and ARGV[8] ~= '' then
    local now = time[1] * 1000 + time[2] / 1000
    wake_at = string.format('%.0f', math.ceil(now) + ARGV[8])
elseif left > 0 and wake and (wake_at == '' or tonumber(wake) < tonumber(wake_at)) then
    -- Whoever was to look after the letters still is.
    wake_at = wake
end
if wake_at ~= '' then
    redis.call('ZADD', KEYS[2], wake_at, ARGV[6])
    if not is_known then
        redis.call('ZADD', KEYS[3], 0, ARGV[7])
    end
elseif wake then
    redis.call('ZREM', KEYS[2], ARGV[6])
end
for _, index in ipairs(leaving) do
    redis.call('ZREM', index, ARGV[6])
end
return 1 + left
