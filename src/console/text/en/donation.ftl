# A donation, its results, its bytes; and finding one
donation-version = Verdict version { $version }
donation-no-version = No verdict yet: inventory has not registered this donation
donation-rule-set = rule set { $set }
donation-waits = { $matter } proposed by { $by } at { $time }: it waits for another person.
donation-to-decisions = To the proposal
donation-why = Why
donation-next = What is next
donation-nothing-next = Nothing.
donation-labels = Labels of the components
donation-donor-follows = What follows for the donor
donation-remarks = Worth knowing
donation-results = Results
donation-no-results = No results yet.
donation-column-number = No.
donation-column-result = Result
donation-column-analyser = Analyser
donation-column-reagent = Kit and lot
donation-column-controls = Controls
donation-column-place = Rack / position
donation-column-doubts = Flags and doubts
donation-bytes = bytes
donation-bytes-of = The bytes behind result { $number }
donation-of-pool = pool { $pool }
donation-test = test { $code }
donation-operator = operator { $operator }
donation-completed = completed { $time }, by its clock
donation-lot = lot { $lot }
donation-no-lot = no lot named
donation-expiry = use by { $day }
donation-no-assay = unknown test
donation-westgard = Westgard { $rule }
donation-flag = flag { $flag }
donation-as-sent = as sent: { $sent }
donation-unaccounted = not understood at { $place }, byte { $offset }: { $text }
donation-passed = Checks that passed
donation-none-passed = None yet.
donation-registration = Registration
donation-not-registered = Inventory has not registered this donation.
donation-field = Field
donation-as-registered = As registered
donation-as-corrected = As corrected
donation-collected = Collected
donation-site = Site
donation-donor = Donor
donation-donor-deferred = DEFERRED
donation-no-group = no group on record
donation-members = Members
donation-pools = Pools
donation-pool-size = { $size ->
    [one] { $size } member
   *[other] { $size } members
 }
donation-not-tested-singly = not tested singly
donation-racks = Racks it stood in
donation-loading = Loading
donation-rack = Rack
donation-position = Position
donation-by = By
donation-since = What became of it
donation-signatures = Signatures
donation-nobody-signed = Nobody has signed.
donation-signed-before = before the last result
donation-timeline = Everything in the order it was committed
donation-commit = Commit
donation-what = Kind
donation-event = What happened
donation-when = When
donation-history = All verdicts
donation-version-column = Version
donation-verdict = Verdict
donation-cause = Because of
donation-seq = number { $seq } of the feed
donation-result-link = result { $number }
donation-message-link = message { $number }
donation-clause = clause { $clause }

donation-cause-message = message { $number } of { $analyser }
donation-cause-record = { $by }: { $what }
donation-cause-other = record { $number }
donation-cause-registration = its registration
donation-cause-rules = another rule set

donation-record-pool = pool { $pool } made of { $size }
donation-record-lot = lot { $lot }: { $standing }
donation-record-kit = kit { $kit } registered
donation-record-target = target of the control { $material }
donation-record-failure = failure of controls, found later

donation-event-registered = Registered by inventory
donation-event-message = Message { $number }, { $bytes } bytes, read completely
donation-event-unread = Message { $number }, { $bytes } bytes, not read completely
donation-event-verdict = { $verdict }, version { $version }
donation-event-order = { $assay } ordered ({ $order }): { $standing }

event-registration = registration
event-message = message
event-result = result
event-record = on record
event-verdict = verdict
event-donor = donor
event-order = order

order-standing-open = nothing heard yet
order-standing-accepted = accepted
order-standing-refused = refused
order-standing-unknown-specimen = specimen not known there
order-standing-delivered = delivered
order-standing-undelivered = not delivered

donation-says-details = { $kind }; further tests: { $extras }
donation-says-deferred = the donor is deferred
donation-says-earlier = { $assay } was repeat reactive on an earlier occasion
donation-says-supplemental = reference laboratory, { $assay }: { $result }
donation-says-sample-missing = the specimen was not received
donation-says-sample-found = the specimen was found
donation-says-number-failed = the typed number failed its check character
donation-says-container = specimen: { $container }
donation-says-manual-path = release outside of this program, unit by unit
donation-says-reevaluated = looked at again under the rule set { $rules }
donation-says-placed = rack { $rack }, position { $position } (loading { $loading })
donation-says-taken-out = taken out of loading { $loading }
donation-says-rack-in-doubt = rack { $rack } in doubt at { $analyser }: { $text }
donation-says-rack-settled = loading { $loading } settled by { $one } and { $other }
donation-says-judged = message { $message } { $judgement }: proposed by { $one }, agreed by { $other }
donation-says-amendment = proposes an amendment ({ $ground }: { $text })
donation-says-correction = proposes a correction ({ $ground }: { $text })
donation-says-agreed = agrees to the proposal of record { $record }
donation-says-turned-down = turns down the proposal of record { $record }

donor-first = first donor
donor-repeat = repeat donor
donor-record-flagged = donor's record flagged
donor-record-prior-reactive = donor reactive before, not requalified
donor-record-reinstated = donor reinstated
donor-record-requalified = donor requalified
donor-record-merged = two donor records merged, one adverse

supplemental-negative = not confirmed
supplemental-indeterminate = indeterminate
supplemental-positive = confirmed
supplemental-earlier = repeat reactive on an earlier occasion

signature-tested = Tested
signature-reviewed = Reviewed
signature-signed = Signed

lookback-open = look-back begun
lookback-overdue = look-back overdue
lookback-closed = look-back closed: everybody was told

specimen-container-serum = serum
specimen-container-edta = EDTA plasma
specimen-container-segment = segment of the bag's tubing
specimen-container-plasma = plasma from the bag

reading-nonreactive = nonreactive
reading-reactive = reactive
reading-grey-zone = grey zone
reading-invalid = invalid
reading-positive = RhD positive
reading-negative = RhD negative

result-status-final = final
result-status-corrected = corrected
result-status-preliminary = preliminary
result-status-failed = could not be done
result-status-pending = pending at the analyser
result-status-partial = partial
result-status-retransmitted = sent again
result-status-withdrawn = withdrawn
result-status-questionable = questionable

lot-standing-not-recorded = lot not on record
lot-standing-released = lot released
lot-standing-not-released = lot not released
lot-standing-delivery-not-accepted = delivery not accepted
lot-standing-recalled = lot recalled

control-state-kit-open = kit controls not on record
control-state-kit-passed = kit controls passed
control-state-kit-failed = kit controls failed
control-state-external-in = external control in control
control-state-external-wrong = external control reads wrong
control-state-failed-later = failed, found later
control-state-bracketed = bracket closed

pool-members-recorded = members on record before it ran
pool-members-unknown = members not on record
pool-members-added-later = this donation was added after it ran
pool-members-duplicate = a donation stands in it twice

bytes-title = The bytes behind result { $number }
bytes-length = { $bytes } bytes
bytes-highlighted = Highlighted: the part that became the value. Underlined: the rest of the records that speak of this result.
bytes-no-profile = The profile that read this message then was not kept.
bytes-unreadable = This version of the program cannot read the profile that read this message then.
bytes-cut = … and { $bytes } bytes more
bytes-hidden = { $bytes ->
    [one] [{ $bytes } byte not shown: it may name a person]
   *[other] [{ $bytes } bytes not shown: they may name a person]
 }
bytes-understood = What the parts became
bytes-place = Place
bytes-range = Bytes
bytes-text = As sent
bytes-became = Became
bytes-ignored = ignored: { $why }
bytes-unaccounted = NOT UNDERSTOOD: { $why }

bytes-structure-record = name of the record
bytes-structure-delimiter = delimiter
bytes-structure-delimiters = delimiters
bytes-structure-end-of-record = end of the record
bytes-structure-batch-envelope = batch envelope
bytes-structure-an-empty-well = an empty well
bytes-structure-sequence-number = sequence number
bytes-role-specimen-id = specimen id
bytes-role-ordered-test = ordered test
bytes-role-status = status
bytes-role-order-status = status of the order
bytes-role-verdict = verdict
bytes-role-validity = validity
bytes-role-overall-result-of-the-order = overall result of the order
bytes-role-flag = flag
bytes-role-kind-of-specimen = kind of specimen
bytes-role-part-of-a-result = part of a result
bytes-role-rack = rack
bytes-role-position = position
bytes-role-test-code = test code
bytes-role-value = value
bytes-role-number = number
bytes-role-unit = unit
bytes-role-time = time
bytes-role-time-of-the-start = time of the start
bytes-role-operator = operator
bytes-role-lot-of-the-control = lot of the control
bytes-role-expiry-of-the-reagent = expiry of the reagent
bytes-role-reagent-lot = reagent lot
bytes-role-replicate = replicate

find-title = Find
find-how = Scan or type a donation number in any form, a pool, a rack or its loading, the number of a message, or the id of a specimen.
find-nothing = Nothing on record goes by { $asked }.
find-several = Several things go by { $asked }:
find-check-character = The check character of { $seen } does not hold: it was read or typed wrongly. Scan it again, or type it again.
find-lower-case = Donation numbers are in upper case, and nothing is put into upper case for you: a letter could be another one. Type { $seen } again in upper case, or scan it.
find-no-number = { $seen } is no donation number of this site.
found-donation = Donation
found-pool = Pool
found-rack = Rack
found-message = Message
found-specimen = Message with a specimen of this id

done-proposed = Proposed. It changes nothing until another person agrees.
done-agreed = Agreed. The verdict below was concluded anew.
done-turned-down = Turned down. It changes nothing.
done-said = Put on record.
done-signed = Signed.
