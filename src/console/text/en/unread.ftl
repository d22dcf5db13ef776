# Messages that could not be understood
unread-title = Unread messages
unread-intro = What an analyser sent and nobody could read completely. It is kept, and keeps back every donation that it names, until two people have judged it.
unread-none = Every message was read completely.
unread-message = Message
unread-age = Age
unread-age-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
 }
unread-age-hours = { $count } hours
unread-age-days = { $count } days
unread-what = What was not understood
unread-blocked = Donations it keeps back
unread-standing = How it stands
unread-cut = cut short
unread-cut-why = The transfer was cut short: { $why }. The analyser sends it again; when it comes whole, this one keeps nothing back any more.
unread-faults = { $count ->
    [one] { $count } place
   *[other] { $count } places
 }
unread-fault = byte { $offset }: { $words }
unread-more = { $count ->
    [one] and { $count } donation more
   *[other] and { $count } donations more
 }
unread-blocks-nothing = It names no donation.
unread-proposed = waits for a second person
unread-nobody = nobody has looked
unread-next = Next page

unread-open = Not read completely, and not judged
unread-read = Read completely
unread-made-good = Made good by message { $message }
unread-judged = { $judgement }: proposed by { $one }, agreed by { $other }
unread-was-agreed = { $judgement }: { $by } proposed it ({ $words }), { $other } agreed at { $time }.
unread-was-turned-down = { $judgement }: { $by } proposed it ({ $words }), { $other } turned it down at { $time }.

unread-not-understood = What was not understood
unread-byte = Byte
unread-donations = Donations it is about
unread-bytes = The message, and what became of each part
unread-highlighted = Highlighted: what nobody understood, or what is doubtful.
unread-results = What was read from it
unread-history = What was decided about it

unread-judge = What becomes of it
unread-judge-how = Choose one. The next page shows what each donation would become; nothing happens before somebody else has agreed.
unread-choose = Choose what is to become of the message: nothing is chosen for you.
unread-choose-judgement = Choose what is to become of the message.
unread-may-not = Your role does not judge messages.
unread-meaning-accepted = What was not understood does not matter. What was understood counts, and the message keeps nothing back any more.
unread-meaning-rejected = Nothing good in this message counts; what is adverse in it stays. The tests must be done again.
unread-meaning-read-again = The same bytes are read again with the profile of now. That reading counts; of the old one only what is adverse stays.
unread-proposed-already = Something is proposed about message { $what } already: agree to it or turn it down first.
unread-not-again = It cannot be read again: { $analyser } is not configured here, or the message was cut short.
unread-analyser-gone = It cannot be read again: { $what } is not configured here, or the message was cut short.

unread-outlook = What each donation would become
unread-donation = Donation
unread-now = Now
unread-then = Then
unread-same = the same
unread-no-verdict = not registered
unread-changes-nothing = No donation would change.
unread-refused = This cannot be done: { $why }.
unread-propose = Propose it
unread-propose-meaning = By signing I state that I looked at this message and at what every donation would become. It counts only when another person agrees.
unread-propose-button = Propose, and sign
unread-agree-meaning = By signing I state that I looked at this message and at what every donation would become, and that this is to count. I am not the person who proposed it.

unread-done-proposed = Proposed. It changes nothing until another person agrees.
unread-done-agreed = Agreed. The donations were decided anew.
unread-done-turned-down = Turned down. It changes nothing.
