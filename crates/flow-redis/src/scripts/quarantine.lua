-- Moves a damaged record into quarantine, and removes its wake time, if what is stored still is what was judged.
-- KEYS: the record; the list of what is in quarantine of the session, whose name is how the names of the entries begin; the
-- flows that have a wake index beside the record; the index of older releases, whose name is how the names of all others begin;
-- the inbox. ARGV: the record as it was judged; the entry; milliseconds to keep it, empty for ever; the session.
-- Gives 1 if it was moved, now or by the same call before, and 0 if something else is stored.
-- A line of the list is an entry, when it was put there, and when it is forgotten, in milliseconds; empty for never.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entry = KEYS[2] .. ':' .. ARGV[2]
if redis.call('EXISTS', entry) == 1 then
    return 1
end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
local ends = ''
if ARGV[3] ~= '' then
    ends = string.format('%.0f', now + ARGV[3])
end
-- What is over is taken off the list, which lives as long as what is left.
local list, last = {}, 0
local lines = (redis.call('GET', KEYS[2]) or '') .. ARGV[2] .. ' ' .. string.format('%.0f', now) .. ' ' .. ends .. '\n'
for line, line_ends in string.gmatch(lines, '(%S+ %d+ (%d*)\n)') do
    if line_ends == '' then
        last = nil
        table.insert(list, line)
    elseif tonumber(line_ends) > now then
        last = last and math.max(last, tonumber(line_ends))
        table.insert(list, line)
    end
end
-- The record is written first: after any other write the server no longer looks whether it has the memory.
local set
if ARGV[3] == '' then
    set = redis.pcall('SET', entry, ARGV[1])
else
    set = redis.pcall('SET', entry, ARGV[1], 'PX', ARGV[3])
end
if set.err then
    return set
end
if last == nil then
    redis.call('SET', KEYS[2], table.concat(list))
else
    redis.call('SET', KEYS[2], table.concat(list), 'PX', string.format('%.0f', math.max(last - now, 1)))
end
-- Letters stay, and somebody looks after them.
if redis.call('LLEN', KEYS[5]) == 0 then
    redis.call('ZREM', KEYS[4], ARGV[4])
    for _, flow in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '+inf')) do
        redis.call('ZREM', KEYS[4] .. ':' .. flow, ARGV[4])
    end
end
redis.call('DEL', KEYS[1])
return 1
