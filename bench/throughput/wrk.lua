-- The requests of one measurement, sent in turn, and a look at each reply.
-- Arguments: method, path, the status and a pattern for the body, then a cookie for each client; none for requests without one.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local method, path = args[1], args[2]
  status, body, bad, turn, requests = tonumber(args[3]), args[4], 0, 0, {}
  for i = 5, math.max(5, #args) do
    table.insert(requests, wrk.format(method, path, { Host = wrk.host, Cookie = args[i] }))
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function response(got, _, text)
  if got ~= status or not string.find(text, body) then
    bad = bad + 1
  end
end

function done(summary, latency)
  local wrong = 0
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("bad")
  end
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"failed":%d,"wrong":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration / 1e6, failed, wrong, latency:percentile(50), latency:percentile(99)
  ))
end
