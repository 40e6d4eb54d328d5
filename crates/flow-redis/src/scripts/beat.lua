-- Takes the workers of a flow for alive for a while by the time of this server, if they are not for longer.
-- KEYS: the beat. ARGV: for how many milliseconds.
local time = redis.call('TIME')
local last = math.ceil(time[1] * 1000 + time[2] / 1000) + ARGV[1]
local before = redis.call('GET', KEYS[1])
if not before or tonumber(before) < last then
    -- In full digits, which a number of this size would not be given by itself.
    redis.call('SET', KEYS[1], string.format('%.0f', last), 'PX', ARGV[1])
end
return 1
