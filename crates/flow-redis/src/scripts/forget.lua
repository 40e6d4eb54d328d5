-- Forgets what is in quarantine of a session.
-- KEYS: the list of it, whose name is how the names of the entries begin. Gives how many entries there were.
local forgotten = 0
for entry in string.gmatch(redis.call('GET', KEYS[1]) or '', '(%S+) %d+ %d*\n') do
    forgotten = forgotten + redis.call('DEL', KEYS[1] .. ':' .. entry)
end
redis.call('DEL', KEYS[1])
return forgotten
