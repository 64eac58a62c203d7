-- Sends the lines of a file as JSON bodies, in turn, and tells the outcome in one line.
-- Arguments: the file, and "statuses" when every answer's status is to be counted, which costs wrk some speed.

local threads = {}
statuses = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   local requests = {}
   for line in io.lines(args[1]) do
      table.insert(requests, wrk.format(nil, nil, nil, line))
   end
   if #requests == 1 then
      local only = requests[1]
      request = function() return only end
   else
      local sent = 0
      request = function()
         sent = sent + 1
         return requests[(sent - 1) % #requests + 1]
      end
   end
   if args[2] == "statuses" then
      response = function(status)
         local key = tostring(status)
         statuses[key] = (statuses[key] or 0) + 1
      end
   end
end

local function told(latency, requests, percent)
   if requests == 0 then return "null" end
   return string.format("%.3f", latency:percentile(percent) / 1000)
end

local function counted()
   local sums = {}
   for _, thread in ipairs(threads) do
      for status, count in pairs(thread:get("statuses")) do
         sums[status] = (sums[status] or 0) + count
      end
   end
   local parts = {}
   for status, count in pairs(sums) do
      table.insert(parts, string.format('"%s":%d', status, count))
   end
   return table.concat(parts, ",")
end

function done(summary, latency)
   local errors = summary.errors
   local broken = errors.connect + errors.read + errors.write + errors.timeout
   io.write(string.format(
      '\noutcome {"seconds":%.6f,"good":%d,"failures":%d,"p50_ms":%s,"p95_ms":%s,"p99_ms":%s,"statuses":{%s}}\n',
      summary.duration / 1e6, summary.requests - errors.status, errors.status + broken,
      told(latency, summary.requests, 50), told(latency, summary.requests, 95), told(latency, summary.requests, 99),
      counted()))
end
