# today
age-now = under 1 min
age-minutes = { $minutes } min
age-hours = { $hours } h { $minutes } min
age-days = { $days } d { $hours } h

today-numbers = Numbers
today-said-held = { $held ->
    [one] 1 donation is on hold.
   *[other] { $held } donations are on hold.
}
today-release-stopped = Release is stopped: no donation becomes releasable.
today-store-fails = The store takes nothing: { $why }
today-floor-fails = What is shown here may be old: { $why }
today-counting = Counting what is open: the numbers are not complete yet.
today-short = More is open than the { $most } donations that are shown here.
today-open-now = open now
today-last-day = in the last 24 h
today-time = Time to verdict, half of them
today-ninety = 90 %: { $time }
today-decided = { $decided } decided in the last 24 h
today-proposals = Waiting for a second person
today-unread = Unread messages
today-hours = Decided by hour
today-hours-label = In the last { $hours } hours { $good } donations became releasable and { $bad } were rejected; at most { $highest } in one hour.
today-analysers = Analysers
today-last-message = last message { $age } ago
today-no-message = no message yet
today-queue = { $count ->
    [one] 1 test waits
   *[other] { $count } tests wait
}
today-stuck = Stuck
today-stuck-holds = On hold
today-stuck-repeats = Repeats in duplicate
today-age-over-day = over 24 h
today-age-to-day = 4–24 h
today-age-to-four = 1–4 h
today-age-to-hour = under 1 h
today-oldest = The oldest
today-all = All of them
today-racks = Racks in progress
today-no-racks = No rack is in progress.
today-more-racks = All racks
today-rack-open = being loaded
today-rack-closed = loaded
today-rack-ended = over
today-rack-in-doubt = in doubt
today-rack-tubes = { $tubes } tubes, { $positions } positions
today-rack-places = Places of rack { $rack }
today-place = Position { $position }:
today-place-empty = empty
today-tube-unknown = no verdict known
today-found-awaited = no result yet
today-found-confirmed = reported at its place
today-found-not-reported = reported without a place
today-found-elsewhere = reported at another place
today-found-extra = not on the manifest
