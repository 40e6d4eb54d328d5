-- Writes a record, and its wake time, if what is stored still is what the writer has read.
-- KEYS: the record; the wake index. ARGV: the new record; its header; the expected header, empty for none;
-- milliseconds to live, empty for ever; the wake time, empty for none; the session.
-- Gives 1 if the record is stored, and otherwise what is stored instead.
local stored = redis.call('GETRANGE', KEYS[1], 0, 95)
if string.sub(stored, 1, #ARGV[2]) == ARGV[2] then
    return 1
end
if string.sub(stored, 1, #ARGV[3]) ~= ARGV[3] or (ARGV[3] == '' and redis.call('EXISTS', KEYS[1]) == 1) then
    return redis.call('GET', KEYS[1])
end
-- Every check stands before the first write, because nothing is rolled back.
local wake = redis.call('ZSCORE', KEYS[2], ARGV[6])
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
elseif wake then
    redis.call('ZREM', KEYS[2], ARGV[6])
end
return 1
