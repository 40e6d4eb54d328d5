-- Removes a record and its wake time, whichever flow it is of.
-- KEYS: the record; the flows that have a wake index beside it; the index of older releases, whose name is how the names of
-- all others begin. ARGV: the session. Gives how many records were removed.
redis.call('ZREM', KEYS[3], ARGV[1])
for _, flow in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '+inf')) do
    redis.call('ZREM', KEYS[3] .. ':' .. flow, ARGV[1])
end
return redis.call('DEL', KEYS[1])
