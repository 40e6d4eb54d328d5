-- Moves sessions from the wake index of older releases, which knew no flows, to that of their flow.
-- KEYS: the index of older releases; the index of the flow; the flows that have an index. ARGV: the flow; the sessions.
redis.call('ZADD', KEYS[3], 0, ARGV[1])
for index = 2, #ARGV do
    local session = ARGV[index]
    local old = redis.call('ZSCORE', KEYS[1], session)
    if old then
        -- Releases of both kinds may write at the same time: woken too early is harmless, too late is not.
        local new = redis.call('ZSCORE', KEYS[2], session)
        if not new or tonumber(old) < tonumber(new) then
            redis.call('ZADD', KEYS[2], old, session)
        end
        redis.call('ZREM', KEYS[1], session)
    end
end
return 1
