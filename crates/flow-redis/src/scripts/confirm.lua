-- Writes something that leaves everything as it is, so that replicas that have it have all that was written before.
-- KEYS: the flows that have an index beside a slot. Gives 1.
-- A write of its own, because a connection is only told who has what it has written itself. Nobody sees it in between.
local added = redis.pcall('ZADD', KEYS[1], 0, '')
if type(added) == 'table' and added.err then
    return added
end
redis.call('ZREM', KEYS[1], '')
return 1
