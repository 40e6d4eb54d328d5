-- Removes a record, its inbox and its wake time, whichever flow it is of.
-- KEYS: the record; the inbox; the flows that have a wake index beside it; the index of older releases, whose name is how the names of
-- all others begin. ARGV: the session. Gives how many of the two there were. If there were any, those who listen are told, as by a commit.
redis.call('ZREM', KEYS[4], ARGV[1])
for _, flow in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '+inf')) do
    redis.call('ZREM', KEYS[4] .. ':' .. flow, ARGV[1])
end
local removed = redis.call('DEL', KEYS[1], KEYS[2])
if removed > 0 then
    redis.pcall('PUBLISH', string.sub(KEYS[4], 1, -10) .. 'told', ARGV[1])
end
return removed
