-- Writes a record, and its wake time, if what is stored still is what the writer has read.
-- KEYS: the record; the wake index of its flow; the flows that have an index beside it; the index of older releases, whose
-- name is how the names of all others begin. ARGV: the new record; its prefix; the expected prefix, empty for none;
-- milliseconds to live, empty for ever; the wake time, empty for none; the session; the flow.
-- Gives 1 if the record is stored, and otherwise what is stored instead and the time in seconds and microseconds.
-- As many bytes are compared as the prefix has: those of older releases are longer, and differ only at their end.
local stored = redis.call('GETRANGE', KEYS[1], 0, 95)
if string.sub(stored, 1, #ARGV[3]) ~= ARGV[3] or (ARGV[3] == '' and redis.call('EXISTS', KEYS[1]) == 1) then
    -- The same write may have come before.
    if string.sub(stored, 1, #ARGV[2]) == ARGV[2] then
        return 1
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
if ARGV[5] ~= '' then
    redis.call('ZADD', KEYS[2], ARGV[5], ARGV[6])
    if not is_known then
        redis.call('ZADD', KEYS[3], 0, ARGV[7])
    end
elseif wake then
    redis.call('ZREM', KEYS[2], ARGV[6])
end
for _, index in ipairs(leaving) do
    redis.call('ZREM', index, ARGV[6])
end
return 1
