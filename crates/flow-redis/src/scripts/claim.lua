-- Claims those of the sessions that are due, and forgets those whose record is gone.
-- KEYS: the wake index of a flow; the records. ARGV: the time; the end of the lease; the sessions, in the order of the records.
-- Gives the sessions that were claimed.
local claimed = {}
for index = 2, #KEYS do
    local session = ARGV[index + 1]
    local wake = redis.call('ZSCORE', KEYS[1], session)
    if wake and tonumber(wake) <= tonumber(ARGV[1]) then
        if redis.call('EXISTS', KEYS[index]) == 1 then
            redis.call('ZADD', KEYS[1], ARGV[2], session)
            table.insert(claimed, session)
        else
            redis.call('ZREM', KEYS[1], session)
        end
    end
end
return claimed
