-- Claims those of the sessions that are due by the time of this server, and forgets those of which nothing is left.
-- KEYS: the wake index of a flow; the record and the inbox of each session. ARGV: the milliseconds of the lease; the last wake time that counts, empty for
-- any; the sessions, in the order of the records.
-- Gives the time in seconds and microseconds, how many sessions were forgotten, and those that were claimed.
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local last = math.floor(now)
if ARGV[2] ~= '' then
    last = math.min(last, tonumber(ARGV[2]))
end
-- Rounded up, so that the lease does not end early; in full digits, which a number of this size would not be given by itself.
local lease_end = string.format('%.0f', math.ceil(now) + ARGV[1])
local forgotten, claimed = 0, {}
for index = 3, #ARGV do
    local session, record = ARGV[index], index * 2 - 4
    local wake = redis.call('ZSCORE', KEYS[1], session)
    if wake and tonumber(wake) <= last then
        if redis.call('EXISTS', KEYS[record], KEYS[record + 1]) > 0 then
            redis.call('ZADD', KEYS[1], lease_end, session)
            table.insert(claimed, session)
        else
            redis.call('ZREM', KEYS[1], session)
            forgotten = forgotten + 1
        end
    end
end
return { time[1], time[2], forgotten, claimed }
