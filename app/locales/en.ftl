# Pharos in English. Sentences are whole, so that other languages can order them as they must.
# Tests check that each key is used and that each language has all of them.

## The language itself

language-name = English
language-direction = ltr

## Lists, numbers and times

list-end = { $first } and { $last }
list-more = { $names } and { $count } more
percentage = { $number } %
quarter = Q{ $quarter } { $year }
zone-name = { $name }
duration-days = { $count } d
duration-hours = { $count } h
duration-minutes = { $count } min

## Statuses

component-status = { $status ->
    [operational] Operational
    [under_maintenance] Under maintenance
    [degraded_performance] Degraded performance
    [partial_outage] Partial outage
   *[major_outage] Major outage
}
incident-status = { $status ->
    [investigating] Investigating
    [identified] Identified
    [monitoring] Monitoring
    [resolved] Resolved
    [postmortem] Postmortem
    [scheduled] Scheduled
    [in_progress] In progress
    [verifying] Verifying
   *[completed] Completed
}
incident-update = Update
incident-impact = { $impact ->
    [none] No impact
    [maintenance] Maintenance
    [minor] Minor impact
    [major] Major impact
   *[critical] Critical impact
}

## The sentence at the top

headline-last-known = Last known at { $time }: { $text }
unconfirmed = Not confirmed since { $time }: the page keeps to what was last known.
headline-well = All systems operational
headline-empty = Nothing to report yet
headline-one = { $status ->
    [major_outage] { $name } is down
    [partial_outage] { $name } is partly down
    [degraded_performance] { $name } is degraded
   *[under_maintenance] { $name } is under maintenance
}
headline-two = { $status ->
    [major_outage] { $names } are down
    [partial_outage] { $names } are partly down
    [degraded_performance] { $names } are degraded
   *[under_maintenance] { $names } are under maintenance
}
headline-both = { $first } and { $second }
headline-many = { $status ->
    [major_outage] { $count } components are down
    [partial_outage] { $count } components are partly down
    [degraded_performance] { $count } components are degraded
   *[under_maintenance] { $count } components are under maintenance
}
headline-all = { $status ->
    [major_outage] All systems are down
    [partial_outage] All systems are partly down
    [degraded_performance] All systems are degraded
   *[under_maintenance] All systems are under maintenance
}
headline-mixed = { $count } components have problems
headline-incident = { $status ->
    [investigating] We are investigating a problem
    [identified] We are fixing a problem
   *[monitoring] A fix is in and we are watching it
}
headline-incidents = { $count } incidents are open
more-rest = Everything else is operational.
more-open = Also open: { $names }.
more-maintenance = { $names } { $count ->
    [one] is
   *[other] are
} under maintenance.
more-by-status = { $status }: { $names }.
more-components-well = All components report that they are operational.
more-empty = No components have been added to this page. As soon as there are some, this is where you will see how they are doing.
as-of = As of { $time }

## The page

skip = Skip to the status
support = Get help
page-title = { $text } – { $page }
happening-now = Happening now
maintenance-now = Maintenance in progress
maintenance-next = Planned maintenance
components = Components
past = Past incidents
past-days = The last { $count } days
no-incidents = No incidents
still-open = { $name } – not over yet
was-open = { $name } – over on a later day
announcement = Announcement
next-update-passed = An update was due by { $time }. It is late.
nav = Pages
nav-status = Status
nav-history = History
nav-uptime = Uptime
subscribe = Subscribe
subscribe-one = Only this
subscribe-whole = The whole page
subscribe-atom = Atom
subscribe-atom-for = For feed readers
subscribe-rss = RSS
subscribe-rss-for = For readers and chat
subscribe-json = JSON Feed
subscribe-json-for = For scripts
subscribe-calendar = Calendar file
subscribe-calendar-for = To download
subscribe-webcal = Calendar
subscribe-webcal-for = Planned maintenance
footer-json = Status as JSON
footer-made = Lit by Pharos

## Components and their days

uptime = { $percentage } uptime over { $count } days
bar-label = { $name }, the last { $count } days
days-ago = { $count } days ago
today = Today
group-count = { $count ->
    [one] one component
   *[other] { $count } components
}
group-affected = { $affected } of { $count } affected
day-unknown = No data
day-well = Nothing to report
legend = How to read the days
legend-note = Each bar is one day in { $zone }, today at the end; the taller it stands, the longer the outage. A dot above a day marks something to read that does not count as an outage. Days without data are left flat.
legend-counted = Uptime is the share of the last 90 days without an outage. A partial outage counts 30 % of its time and a major outage all of it; degraded performance and maintenance do not count. Percentages are cut, never rounded up.
legend-none = No outage
legend-short = Short outage
legend-long = Longer outage
legend-worst = One hour or more
component-link = Open { $name }

## Incidents

impact-lasted = { $impact }, lasted { $duration }
next-update = Next update by { $time }
earlier-updates = { $count ->
    [one] One earlier update
   *[other] { $count } earlier updates
}
affects = Affects { $names }
impact = Impact
began = Began
ended = Ended
planned-window = Planned for
planned-passed = Was planned for { $window }. That time has passed; whether it was done has not been said yet.
lasted = Lasted
affected = Affected
updates = Updates
no-updates = There is no update yet. This page will say more as soon as something is known.
back = Back to the current status
postmortem = Postmortem
postmortem-above = The postmortem was published.
postmortem-published = Published { $time }
incident-neighbours = Other incidents
incident-before = Before this
incident-after = After this

## The page of a component

component-days = The last 90 days
component-calm = There is nothing to report about the last 90 days.
column-day = Day
column-state = What happened
column-incidents = Incidents
dates-range = { $from } to { $to }

## Metrics

metrics = System metrics
metric-value = { $number } { $unit }
metric-period = { $period ->
    [hour] The last hour
    [day] The last 24 hours
    [week] The last 7 days
   *[month] The last 28 days
}
metric-spread = { $min } to { $max }, { $mean } on average
metric-chart = { $name }, { $period ->
    [hour] the last hour
    [day] the last 24 hours
    [week] the last 7 days
   *[month] the last 28 days
}
metric-spoken = { $chart }: { $spread }.
metric-nothing = No data
metric-newest = Last measured
metric-lowest = Lowest
metric-mean = Mean
metric-highest = Highest
metric-table = Show the values in a table
metric-from = From
metric-json = The values as JSON
metric-zone = The times below the charts are those of { $zone }. Where nothing was measured, nothing is drawn. The line is the mean, the band around it reaches from the lowest to the highest value.

## Badges

badge-status = { $status ->
    [none] Operational
    [maintenance] Under maintenance
    [minor] Minor problems
    [major] Partial outage
    [critical] Major outage
   *[quiet] No data
}
badge-uptime = { $name } uptime
embed-title = Status
embed-link = View the status of { $page }
embed-close = Close

## The past

history = History
history-of = History, { $span }
history-of-component = History of { $name }, { $span }
history-description = Incidents and maintenance, { $span }
history-all = The whole history
history-open = not over yet
history-cut = Only the last { $count } are listed here. A search finds the others.
history-link = All past incidents
filter-component = Component
filter-all = All components
filter-show = Show
search-words = Search for
search-title = Search the history
search-found = { $count ->
    [0] Nothing is found for “{ $words }”
    [one] One result for “{ $words }”
   *[other] { $count } results for “{ $words }”
}
search-cut = Only the newest { $count } are listed. More words find fewer.
search-too-short = Please enter at least { $count } characters to search for.
search-too-long = Please search for { $count } characters at most.
pager = Other months
pager-older = Earlier
pager-newer = Later
pager-first = The first
pager-now = Now

## Uptime by months

calendar = Uptime
calendar-of = Uptime of { $name }, { $span }
calendar-link = Uptime by months
calendar-calm = There is nothing to report about these months.
calendar-counted = Uptime is the share of the days that are known without an outage. A partial outage counts 30 % of its time and a major outage all of it; degraded performance and maintenance do not count. Percentages are cut, never rounded up.
weekday-short = { $day ->
    [mon] Mon
    [tue] Tue
    [wed] Wed
    [thu] Thu
    [fri] Fri
    [sat] Sat
   *[sun] Sun
}

## Errors

error-not-found = This page is not here
error-not-found-help = The address may have been mistyped, or what it led to has been removed. All that is happening now stands on the front page.
error-method-not-allowed = This cannot be done here
error-method-not-allowed-help = The page exists, but it does not accept this kind of request. Open it as an ordinary page instead.
error-too-many-requests = A little too fast
error-too-many-requests-help = More requests have come from your network than we can answer. Wait a minute, then try again.
error-internal = Something went wrong on our side
error-internal-help = The status page itself ran into a fault, which has been recorded. It says nothing about the services. Try again in a moment.
error-unavailable = This cannot be shown right now
error-unavailable-help = What is needed to show it is out of reach for the moment. It says nothing about the services. Try again in a minute.
error-misdirected = No status page answers here
error-misdirected-help = There is no status page under this address. Check the address for typing errors, or ask whoever gave it to you.
error-now = Status now: { $text }
