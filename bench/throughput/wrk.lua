-- The requests of one measurement, sent in turn, and a look at each reply. After /renew a client goes on with the cookie of its reply.
-- Arguments: method, path, the status and a pattern for the body, then a cookie for each client; none for requests without one.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  method, path, status, body = args[1], args[2], tonumber(args[3]), args[4]
  bad, first, last, requests = 0, 1, 0, {}
  for i = 5, math.max(5, #args) do
    add(wrk.format(method, path, { Host = wrk.host, Cookie = args[i] }))
  end
  renews, given = path == "/renew", requests[1]
end

function add(request)
  last = last + 1
  requests[last] = request
end

-- A session that is being renewed has no token until the reply.
function request()
  local sent = requests[first]
  requests[first] = nil
  first = first + 1
  if not renews then
    add(sent)
  end
  return sent
end

function response(got, headers, text)
  if got ~= status or not string.find(text, body) then
    bad = bad + 1
  end
  if renews then
    local set = headers["set-cookie"] or headers["Set-Cookie"]
    add(set and wrk.format(method, path, { Host = wrk.host, Cookie = string.match(set, "[^;]+") }) or given)
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
