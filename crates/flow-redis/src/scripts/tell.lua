-- What follows a commit that is to be told, in the same step: its keys and words are the commit's.
-- Those who listen are told the session on the channel beside the store's keys. A user without the right to tell commits all the same:
-- the record is written, and nothing is rolled back. Whoever listens is told that the right is missing.
local answer = commit()
if type(answer) == 'number' then
    redis.pcall('PUBLISH', string.sub(KEYS[4], 1, -10) .. 'told', ARGV[6])
end
return answer
