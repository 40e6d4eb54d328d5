-- Removes a record and its wake time. KEYS: the record; the wake index. ARGV: the session.
-- Gives how many records were removed.
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
