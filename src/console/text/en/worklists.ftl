# worklists
worklists-lists = Worklists
worklists-kind-repeats = Repeats in duplicate
worklists-kind-pools = Pools to resolve
worklists-kind-again = Invalid tests and runs
worklists-kind-weak-d = RhD negative to confirm
worklists-kind-groups = Group discrepancies
worklists-kind-missing = Missing tests
worklists-kind-specimens = New specimens
worklists-kind-review = Review and sign
worklists-about-repeats = Same donation, same assay, same kit, twice more.
worklists-about-pools = Test every member of the pool singly.
worklists-about-again = The result does not count: mend the cause, then test again.
worklists-about-weak-d = Confirm with the weak D test before it is labelled RhD negative.
worklists-about-groups = Two determinations, or the group on record, differ: find out whose blood it is.
worklists-about-missing = Not tested yet.
worklists-about-specimens = The tube cannot be used, or it is in doubt whose it is.
worklists-about-review = No analyser can do this: a person must look, put something on record or sign.
worklists-title-analyser = Analyser
worklists-title-assay = Assay
worklists-title-donation = Donation
worklists-title-rack = Rack and position
worklists-title-position = Position
worklists-title-since = Since
worklists-title-what = What to do
worklists-title-count = Times
worklists-title-kit = Kit
worklists-title-verdict = Verdict
worklists-title-why = Why
worklists-verdict-pending = pending
worklists-verdict-hold = hold
worklists-done = Done
worklists-all = all
worklists-show = Show
worklists-print = Print with bar codes
worklists-none = Nothing to do here.
worklists-the-donation = The donation as a whole
worklists-left-out = { $count ->
    [one] 1 more, younger, is not shown here.
   *[other] { $count } more, younger, are not shown here.
}
