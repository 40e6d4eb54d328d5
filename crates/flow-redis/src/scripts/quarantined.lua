-- What is in quarantine of a session.
-- KEYS: the list of it, whose name is how the names of the entries begin. Gives of each when it was put there, when it is
-- forgotten (empty for never), and the record.
local quarantined = {}
for entry, at, ends in string.gmatch(redis.call('GET', KEYS[1]) or '', '(%S+) (%d+) (%d*)\n') do
    local record = redis.call('GET', KEYS[1] .. ':' .. entry)
    if record then
        table.insert(quarantined, { at, ends, record })
    end
end
return quarantined
