-- Writes a record over one of the same session, if that still is what is stored and no letters wait: what nearly all commits are.
-- KEYS: the record; the inbox; the wake index of its flow; the flows that have an index beside it. ARGV: the new record; the expected prefix;
-- milliseconds to live, empty for ever; the wake time, empty for none; the session; the flow. The last two of either are left out where
-- the wake index is to stay as it is.
-- Gives 1 if the record is stored, 0 if letters wait, so that it takes the other script, and otherwise the same as that.
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[2] - 1) ~= ARGV[2] then
    -- The same write may have come before.
    if redis.call('GETRANGE', KEYS[1], 0, #ARGV[2] - 1) == string.sub(ARGV[1], 1, #ARGV[2]) then
        return -1 - redis.call('LLEN', KEYS[2])
    end
    local time = redis.call('TIME')
    return { redis.call('GET', KEYS[1]), time[1], time[2] }
end
if redis.call('EXISTS', KEYS[2]) == 1 then
    return 0
end
-- The record is written first: after any other write the server no longer looks whether it has the memory.
local set
if ARGV[3] == '' then
    set = redis.pcall('SET', KEYS[1], ARGV[1])
else
    set = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
end
if set.err then
    return set
end
if KEYS[3] then
    if ARGV[4] == '' then
        redis.call('ZREM', KEYS[3], ARGV[5])
    elseif redis.call('ZADD', KEYS[3], ARGV[4], ARGV[5]) == 1 then
        redis.call('ZADD', KEYS[4], 0, ARGV[6])
    end
end
return 1
