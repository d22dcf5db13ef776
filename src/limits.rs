//! Every bound of the house, by name. A bound that is not here does not exist.

use std::time::Duration;

/// Longest text of one LIS01 frame that is accepted, in bytes (LIS01-A2 8: 64 000 with overhead).
pub const FRAME_TEXT_MAX: usize = 63_993;
/// Longest frame text that is sent on a serial line (ASTM E1381-95 6.3.1.2).
pub const FRAME_TEXT_SENT: usize = 240;
/// Longest message that is accepted, in bytes: a run of 512 results fits many times.
pub const MESSAGE_MAX: usize = 4 * 1024 * 1024;
/// Bytes a link may hold unread while it waits for an answer; beyond that it stops reading.
pub const LINK_BACKLOG_MAX: usize = 64 * 1024;
/// Bytes of a fault kept as evidence in an event or a log line.
pub const FAULT_EXCERPT_MAX: usize = 64;
/// Connections open at once on one listening analyser.
pub const CONNECTIONS_PER_ANALYSER: usize = 256;
/// Analysers in one configuration.
pub const ANALYSERS_MAX: usize = 1_000;
/// How long a message may wait for its commit before it is refused (well under T6, 15 s, and
/// under the 4 s after which some analysers hang up).
pub const COMMIT_WAIT: Duration = Duration::from_millis(3_000);
/// Messages that one transaction takes at most.
pub const COMMIT_BATCH_MAX: usize = 256;
/// Messages waiting for the writer; beyond that they are refused, never dropped.
pub const WRITER_QUEUE_MAX: usize = 1_024;
/// First pause before a lost line is opened again.
pub const REOPEN_FIRST: Duration = Duration::from_millis(500);
/// Longest pause before a lost line is opened again.
pub const REOPEN_MAX: Duration = Duration::from_secs(30);
/// Idle time before TCP keep-alive probes start.
pub const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
/// Interval of TCP keep-alive probes.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// Unanswered probes before the connection counts as lost.
pub const KEEPALIVE_PROBES: u32 = 3;
/// Verdicts in one page of the feed.
pub const FEED_PAGE_MAX: u64 = 1_000;
/// Longest long poll.
pub const FEED_WAIT_MAX: Duration = Duration::from_secs(60);
/// Unread messages in one page.
pub const UNREAD_PAGE_MAX: u64 = 500;
/// Largest body of an HTTP request.
pub const HTTP_BODY_MAX: usize = 64 * 1024;
/// Largest body of a request that puts records on record.
pub const RECORDS_BODY_MAX: usize = 1024 * 1024;
/// Records in one request, and put on record in one transaction.
pub const RECORDS_PER_REQUEST_MAX: usize = 1_000;
/// A request that puts records on record is answered within this: a recalled lot may touch many
/// donations.
pub const RECORDS_COMMIT_WAIT: Duration = Duration::from_secs(30);
/// Longest user id.
pub const USER_ID_MAX: usize = 64;
/// Records on one page.
pub const RECORDS_PAGE_MAX: u64 = 500;
/// Donor events on one page.
pub const DONOR_EVENTS_PAGE_MAX: u64 = 500;
/// Registrations that one page of the worklist looks at.
pub const WORKLIST_PAGE_MAX: u64 = 500;
/// Read-only connections to the store.
pub const STORE_READERS: usize = 4;
/// Longest configuration, profile or rule-set file.
pub const DOCUMENT_MAX: usize = 1024 * 1024;
/// Highest number of a field, component or sub-component that a profile may name.
pub const PROFILE_PATH_MAX: usize = 255;
/// Different texts of one place that a draft of a profile remembers.
pub const DRAFT_TEXTS_MAX: usize = 64;
/// Bits per second of a serial line.
pub const BAUD: std::ops::RangeInclusive<i64> = 300..=921_600;
/// Characters before a donation number behind which it is still looked for.
pub const STRANGE_PREFIX_MAX: usize = 3;
/// Documents below each other that one extends.
pub const FAMILIES_MAX: usize = 4;
/// Characters of the text that a profile splits a component at.
pub const SPLIT_AT_MAX: usize = 8;
/// Widest place of a placeholder in a profile's lines, in characters: the longest fixed field.
pub const HOLE_WIDTH_MAX: usize = 400;
/// Bytes of an instrument's own comment that are quoted in a concern.
pub const CONCERN_EXCERPT_MAX: usize = 64;
/// Faults listed for one text; the last one listed stands for all that follow it.
pub const FAULTS_MAX: usize = 1_000;
/// How often the simulator sends a message before it gives it up.
pub const SEND_ATTEMPTS_MAX: u32 = 5;
/// Log lines about faults that one analyser may cause in a minute; beyond that they are counted.
pub const FAULT_LOG_PER_MINUTE: u32 = 20;
/// Longest donation number of a site's own pattern, in bytes (ISBT 128 has 13).
pub const DONATION_NUMBER_MAX: usize = 64;
/// Bytes taken from a line, or from the input of `decode`, at once.
pub const READ_CHUNK: usize = 16 * 1024;
/// How long a peer may leave our reply unread before the line counts as lost.
pub const WRITE_WAIT: Duration = Duration::from_secs(5);
/// How long dialling an analyser may take, name look-up included.
pub const DIAL_WAIT: Duration = Duration::from_secs(10);
/// Pause after a connection could not be accepted, for example for want of file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long a closing connection waits for the peer to take our last reply.
pub const FAREWELL_WAIT: Duration = Duration::from_millis(500);
/// How often the health of the store is looked at.
pub const HEALTH_INTERVAL: Duration = Duration::from_millis(250);
/// How long HTTP requests may go on after the order to stop.
pub const HTTP_FAREWELL_WAIT: Duration = Duration::from_secs(1);
/// Threads that drive the lines.
pub const WORKERS_MAX: usize = 4;
/// Threads for calls that block: readers of the store, name look-ups.
pub const BLOCKING_THREADS_MAX: usize = 32;
/// Stack of each thread, in bytes.
pub const STACK_SIZE: usize = 2 * 1024 * 1024;
/// Longest id of an analyser, in characters.
pub const ANALYSER_ID_MAX: usize = 64;
/// Longest name of a collecting site, in characters.
pub const SITE_MAX: usize = 128;
/// How long the body of an HTTP request may take to arrive.
pub const HTTP_BODY_WAIT: Duration = Duration::from_secs(5);
/// Long polls that wait at once; beyond that they are answered at once.
pub const LONG_POLLS_MAX: usize = 256;
/// Bytes of an unread message shown over HTTP.
pub const UNREAD_EXCERPT_MAX: usize = 16 * 1024;
/// Name look-ups at once for analysers that we dial; a slow name server delays only those.
pub const LOOKUPS_AT_ONCE: usize = 8;
/// Donations of one demonstration.
pub const DEMO_DONATIONS_MAX: usize = 10_000;
/// Bytes of noise on a line that one fault tells of; a longer run is told in several.
pub const NOISE_RUN_MAX: usize = 4 * 1024;
/// Bytes kept as evidence of a block that was longer than [`MESSAGE_MAX`].
pub const OVERLONG_EVIDENCE_MAX: usize = 4 * 1024;
/// Bids for a line that are refused or crossed before a message is given up.
pub const BIDS_MAX: u32 = 6;
/// Interrupts of one message that a sender honours; after that it sends the message to its end.
pub const INTERRUPTIONS_MAX: u32 = 3;
/// Sessions of the instrument in a row that a host with something to send lets pass; the next ENQ
/// is answered with "busy", and the host bids. Fewer than [`BIDS_MAX`]: each may cross a bid.
pub const TURNS_GIVEN_MAX: u32 = 4;
/// Messages that are sent in one session; then the line is left alone for a second.
pub const SESSION_MESSAGES_MAX: u32 = 32;
/// Most repeats that a rule set may ask for after a reactive result.
pub const REPEATS_MAX: i64 = 8;
/// Most months before collection that a rule set may let a number count.
pub const WITHIN_MONTHS_MAX: i64 = 120;
/// Most questions of a table of a rule set.
pub const TABLE_QUESTIONS: usize = 12;
/// Most tables in a rule set.
pub const TABLES_MAX: usize = 128;
/// Most rows of a table of a rule set.
pub const TABLE_ROWS_MAX: usize = 256;
/// Most combinations of answers that a table of a rule set is gone through for.
pub const TABLE_COMBINATIONS_MAX: usize = 1_000_000;
/// Most clauses in a rule set.
pub const CLAUSES_MAX: usize = 1_000;
/// Most switches in a rule set.
pub const SWITCHES_MAX: usize = 64;
/// Most choices of a switch.
pub const SWITCH_CHOICES_MAX: usize = 16;
/// Most limits of one quantity.
pub const QUANTITY_LIMITS_MAX: usize = 64;
/// Most checks in a rule set.
pub const CHECKS_MAX: usize = 64;
/// How long the store's writer waits for a lock held by another process: well under
/// [`COMMIT_WAIT`], so that the analyser is told in time.
pub const STORE_BUSY_WAIT: Duration = Duration::from_millis(1_000);
/// The same while the store is failing already: everybody waiting is told soon.
pub const STORE_BUSY_WAIT_FAILING: Duration = Duration::from_millis(100);
/// How often a failing store tries to write when no message comes.
pub const STORE_PROBE_EVERY: Duration = Duration::from_millis(1_000);
/// Observations kept in memory with the case files decided last, in each of two generations.
pub const STORE_CACHED_OBSERVATIONS: usize = 8_192;
/// Donations decided again in one transaction after a change of the rule set.
pub const STORE_REDECIDE_BATCH: u64 = 500;
/// Commits whose rows are hashed again when the store opens; older ones are proved by the chain of
/// their hashes alone, and whole by `store::prove`.
pub const STORE_PROOF_TAIL: i64 = 10_000;
/// Largest store whose every page is checked when it opens; of a larger one, feed and ledger are.
pub const STORE_FULL_CHECK_BYTES: u64 = 1024 * 1024 * 1024;
/// Largest store whose indexes are held against their tables when it opens; `audit` does so for
/// any.
pub const STORE_INDEX_CHECK_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of messages in one page of unread messages; a page holds at least one message.
pub const UNREAD_PAGE_BYTES: usize = 16 * 1024 * 1024;
/// Longest HL7 header segment that is searched for its character set and acknowledged.
pub const HL7_HEADER_MAX: usize = 16 * 1024;
/// HTTP connections open at once; one more waits until another closes.
pub const HTTP_CONNECTIONS_MAX: usize = 512;
/// Messages up to this size are read on the line's own thread; longer ones must not hold up the
/// other lines there.
pub const INLINE_MESSAGE_MAX: usize = 64 * 1024;
/// Bytes of replies that the system holds for a peer that does not read them.
pub const UNREAD_REPLIES_MAX: usize = 64 * 1024;
/// Bytes of messages waiting for the writer; beyond that they are refused, never dropped.
pub const WRITER_QUEUE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Results that are read from one message; the rest is one fault.
pub const RESULTS_PER_MESSAGE_MAX: usize = 4_096;
/// Coded pieces (flags, statuses, ordered tests) of one record group; the rest is unaccounted.
pub const CODES_PER_GROUP_MAX: usize = 256;
/// Specimen ids of one record group; the rest is unaccounted.
pub const IDS_PER_GROUP_MAX: usize = 16;
/// Unaccounted pieces listed for one record group; the last one stands for all that follow it.
pub const UNACCOUNTED_PER_GROUP_MAX: usize = 64;
/// Pages of the store's log at which it is folded into the database (16 MiB); readers look through
/// the log, and the next start reads it whole.
pub const STORE_LOG_PAGES: i32 = 4_000;
/// Pages of the database that the writer keeps in memory, in KiB.
pub const STORE_PAGE_CACHE_KIB: i64 = 16 * 1024;
/// Messages of ours that wait on one line or are under way.
pub const LINE_ERRANDS_MAX: usize = 2_000;
/// Specimens, or registrations looked at, that one task of the writer orders work for.
pub const ORDER_SLICE: usize = 32;
/// Registrations, counted back from the last, among which work is looked for where an analyser asks
/// about everything or a range.
pub const ORDER_LOOKBACK: i64 = 20_000;
/// Donations with work in one answer about everything or a range, a slice more at most; the rest
/// comes with the next.
pub const ORDERED_DONATIONS_MAX: usize = 500;
/// How long an order that an analyser took counts as being worked on there.
pub const ORDER_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// How long a test that one analyser promised to run is not ordered at another.
pub const ORDER_ELSEWHERE_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// How long, at most, an order of which nobody has said anything counts as being on its way.
pub const ORDER_SETTLE_WAIT: Duration = Duration::from_secs(5 * 60);
/// Orders of one donation that are read, the last ones.
pub const ORDERS_PER_DONATION_READ: i64 = 256;
/// Orders looked at for one page of open ones.
pub const ORDERS_PAGE_MAX: u64 = 500;
/// Two places at which a donation is asked for within this time cannot be those of one tube.
pub const SIGHTING_GAP: Duration = Duration::from_secs(5);
/// Donations of which it is remembered where they were asked for last.
pub const SIGHTINGS_MAX: usize = 10_000;
/// How long the writer waits for each further entry after a transaction that held several.
pub const COMMIT_COMPANY_GAP: Duration = Duration::from_micros(200);
/// Pause before work is ordered again of which an analyser did not take a message; twice as long
/// each time in a row.
pub const ANNOUNCE_PAUSE: Duration = Duration::from_secs(10);
/// Longest such pause. Each try issues orders anew, so one without end must be a rare one.
pub const ANNOUNCE_PAUSE_MAX: Duration = Duration::from_secs(5 * 60);
/// Shortest time from one look for work that nobody asked for to the next on one line: a look may
/// go through [`ORDER_LOOKBACK`] registrations, and there is news with every verdict.
pub const ANNOUNCE_GAP: Duration = Duration::from_secs(1);
/// Donations that are ordered at once where nobody asked, a slice more at most; the rest when these
/// were taken. What is not taken was issued for nothing.
pub const ANNOUNCED_DONATIONS_MAX: usize = 32;
/// Bytes of answers that wait on one line; beyond that the oldest are not sent any more.
pub const ANSWERS_WAITING_BYTES_MAX: usize = 1024 * 1024;
/// Pause before an analyser's reply to our orders that could not be stored is stored again.
pub const REPLY_AGAIN_PAUSE: Duration = Duration::from_secs(1);
/// How long what an analyser refused is not ordered there again unless it asks.
pub const ORDER_REFUSED_REST: Duration = Duration::from_secs(30 * 60);
/// Longest silence of an analyser that can be made an alarm, in seconds (a week).
pub const SILENCE_ALARM_S_MAX: i64 = 7 * 24 * 60 * 60;
/// Largest file of the wire journal, in MiB.
pub const JOURNAL_FILE_MIB_MAX: i64 = 1_024;
/// Most files of the wire journal.
pub const JOURNAL_FILES_MAX: i64 = 10_000;
/// Longest PEM file of a line's TLS, in bytes.
pub const PEM_FILE_MAX: u64 = 256 * 1024;
/// How long a peer may take for the handshake of TLS.
pub const TLS_HANDSHAKE_WAIT: Duration = Duration::from_secs(5);
/// How many times as fast as the world's the clock of a played analyser may run.
pub const HASTE_MAX: u32 = 100;
/// Slowest pace of a played line, in bits a second.
pub const BAUD_MIN: u32 = 300;
/// Fastest pace of a played line, in bits a second.
pub const BAUD_MAX: u32 = 921_600;
/// Answers of ours on one MLLP connection that the peer may still commit with CA; its word on an
/// older one is a stray answer.
pub const COMMITS_REMEMBERED: usize = 8;
/// Pause before a message that was not stored, and whose sender wants no answer, is delivered
/// again.
pub const REDELIVERY_PAUSE: Duration = Duration::from_secs(1);
/// How often a block is sent again that the peer would not commit (MLLP release 2).
pub const COMMIT_RETRIES_MAX: u32 = 2;
/// Pieces of recent traffic kept for one analyser, in both directions together.
pub const TRAFFIC_PIECES_MAX: usize = 500;
/// Bytes of recent traffic kept for one analyser.
pub const TRAFFIC_BYTES_MAX: usize = 64 * 1024;
/// Bytes kept of one piece of traffic; a longer one is cut and says so.
pub const TRAFFIC_PIECE_MAX: usize = READ_CHUNK;
/// Notes kept for one analyser; the oldest goes.
pub const NOTES_KEPT: usize = 50;
/// Longest text of a note, in bytes.
pub const NOTE_MAX: usize = 512;
/// Two lines of one instrument that both deliver a message within this time are an alarm (FM-04).
pub const TWO_LINES_WINDOW: Duration = Duration::from_secs(120);
/// Bytes that wait for the wire journal; beyond that records are left out and counted.
pub const JOURNAL_QUEUE_MAX: usize = 4 * 1024 * 1024;
/// Longest piece of bytes in one record of the wire journal; a longer one becomes several.
pub const JOURNAL_PIECE_MAX: usize = 64 * 1024;
/// How long the wire journal waits for more before it writes a little.
pub const JOURNAL_PACE: Duration = Duration::from_millis(20);
/// How often a failing wire journal tries to begin again.
pub const JOURNAL_RETRY_EVERY: Duration = Duration::from_secs(1);
/// How long the end of the daemon waits for the wire journal.
pub const JOURNAL_FAREWELL_WAIT: Duration = Duration::from_secs(2);
/// How often a played analyser asks about one rack.
pub const QUESTION_ROUNDS_MAX: u32 = 6;
/// Longest wait that a profile may name for an analyser's next frame or acknowledgement.
pub const LINK_WAIT_MAX: Duration = Duration::from_secs(300);
/// Longest time that a profile may say an analyser waits for the answer to its query.
pub const ANSWER_WITHIN_MAX: Duration = Duration::from_secs(300);
/// Specimens that one query may ask about; one with more is not answered.
pub const ASKED_SPECIMENS_MAX: usize = 256;
/// Messages of a store that are read at once when it is read whole.
pub const ARCHIVE_PAGE: u32 = 64;
/// Messages of a wire journal that one replay compares with a store.
pub const REPLAY_MESSAGES_MAX: usize = 1_000_000;
/// Longest text of one block that is accepted from an analyser with a block protocol, in bytes.
pub const BLOCK_TEXT_MAX: usize = 4 * 1024;
/// Parts of one text that goes on over several blocks, as many as two digits count.
pub const BLOCK_PARTS_MAX: usize = 100;
/// How often an analyser with a block protocol may ask for the same text again.
pub const BLOCK_TRANSMISSIONS_MAX: u32 = 5;
/// Steps of a script for a played analyser.
pub const SCRIPT_STEPS_MAX: usize = 1_000;
/// Highest number of a rack or position in such a script.
pub const SCRIPT_PLACE_MAX: i64 = 9_999;
/// Longest wait in such a script, in seconds.
pub const SCRIPT_SECONDS_MAX: i64 = 3_600;
/// Cells of one line of a file; a line with more refuses the file.
pub const TABLE_COLUMNS_MAX: usize = PROFILE_PATH_MAX;
/// Most rows of a plate that a profile may name (1 536 wells).
pub const PLATE_ROWS_MAX: usize = 32;
/// Most columns of a plate that a profile may name.
pub const PLATE_COLUMNS_MAX: usize = 48;
/// Patterns of file names, and lines that end a file, in one profile.
pub const FILE_PATTERNS_MAX: usize = 16;
/// Longest such pattern or line, in characters.
pub const FILE_PATTERN_MAX: usize = 64;
/// What the name of an explanation beside a refused file ends in.
pub const WHY_ENDING: &str = ".why.txt";
/// How long a file stands still before it counts as complete, where no line says so.
pub const FILE_SETTLE: Duration = Duration::from_secs(10);
/// How long a file without the line that ends it stands still before it counts as cut off.
pub const FILE_CUT_OFF_AFTER: Duration = Duration::from_secs(60);
/// Longest such time that a profile may name.
pub const FILE_SETTLE_MAX: Duration = Duration::from_secs(60 * 60);
/// How long a file may go on changing before that is an alarm.
pub const FILE_RESTLESS_AFTER: Duration = Duration::from_secs(15 * 60);
/// Longest file that is taken, in bytes; a message in it is never longer than [`MESSAGE_MAX`].
pub const FILE_MAX: usize = MESSAGE_MAX;
/// How often a folder is looked at, where the configuration does not say.
pub const FOLDER_POLL: Duration = Duration::from_secs(2);
/// Longest time between two looks, in seconds.
pub const FOLDER_POLL_S_MAX: i64 = 60 * 60;
/// Files of one folder that are watched at once; the others wait until some are gone.
pub const FOLDER_FILES_MAX: usize = 4_096;
/// How long a folder may leave a call unanswered before that is an alarm.
pub const FOLDER_CALL_WAIT: Duration = Duration::from_secs(10);
/// Names tried for a file whose name is taken already where it is to go.
pub const FILE_NAMES_TRIED: usize = 100;
/// Longest name that a file keeps when it gets an ending, in bytes (file systems take 255).
pub const FILE_NAME_KEPT: usize = 200;
/// Files that the words of an alarm name.
pub const FILES_NAMED: usize = 3;
/// Lines of the explanation beside a refused file that say what could not be read.
pub const WHY_LINES_MAX: usize = 100;
/// Longest transcript that is taken apart whole, in bytes.
pub const TRANSCRIPT_MAX: usize = 16 * 1024 * 1024;
/// Characters of an example of a field that are shown.
pub const EXAMPLE_MAX: usize = 32;
/// Ways in which a sentence of a case may be read at once, while it is matched.
pub const SENTENCE_READINGS_MAX: usize = 64;
/// Words that a sentence which was not understood is told would have been.
pub const SENTENCE_HINTS_MAX: usize = 24;
/// Sentences that one which was not understood is shown as examples.
pub const SENTENCE_EXAMPLES_MAX: usize = 6;
/// Members of a pool in a case.
pub const CASE_POOL_MAX: u32 = 1_000;
/// Hours after collection in a case: ten years.
pub const CASE_HOURS_MAX: u32 = 87_600;
/// Longest name of a person who takes a step in the life of a rule set, in bytes.
pub const LIFE_NAME_MAX: usize = 128;
/// Characters of a rule set's hash that are shown, and asked for at least.
pub const SHA_SHOWN: usize = 12;
/// Points of a control chart before the run that is judged that control rules look at: ten of each
/// of six levels, and a few.
pub const CONTROL_POINTS: usize = 64;
/// Rows of a control chart that are read for it; beside its points stand controls of the kit.
pub const CONTROL_CHART_ROWS: usize = 4 * CONTROL_POINTS;
/// Controls of one material that are looked at on either side of a result, for the first that may
/// speak for it.
pub const CONTROL_LOOK_AROUND: usize = 16;
/// Results that one transaction looks at for donations which a record touches; the first of these
/// transactions is that of the record itself.
pub const REDECISION_SLICE: usize = 1_000;
/// Members of one pool.
pub const POOL_MEMBERS_MAX: usize = 1_024;
/// Longest evidence bundle that is made or verified, in bytes.
pub const EVIDENCE_MAX: usize = 64 * 1024 * 1024;
/// Donations that wait to be compared with what a rule set in the shadow says.
pub const SHADOW_WAITING_MAX: usize = 100_000;
/// Differences of a rule set in the shadow in one answer.
pub const SHADOW_PAGE_MAX: u64 = 500;
/// How often known-bad donations are decided by the rule set in force.
pub const CANARY_EVERY: Duration = Duration::from_secs(60 * 60);
/// Largest body that brings a rule set: its text as JSON.
pub const RULES_BODY_MAX: usize = 1024 * 1024;
/// Bytes that are read of a key file; a longer one is no key.
pub const KEY_FILE_MAX: u64 = 4 * 1024;
/// Pieces of a message that an explanation of a verdict shows for one result.
pub const EXPLAINED_PIECES_MAX: usize = 200;
/// Latest results among which the rates of reagent lots are counted.
pub const LOT_RESULTS: u32 = 10_000;
/// How often those rates are looked at.
pub const LOT_RATES_EVERY: Duration = Duration::from_secs(10 * 60);
/// Memory that the hash of a password takes, in KiB: Argon2id as the Password Storage Cheat Sheet
/// of OWASP asks for at least (as of November 2026): 19 MiB, 2 passes, 1 lane.
pub const ARGON2_MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
pub const ARGON2_PASSES: u32 = 2;
/// Lanes of that hash.
pub const ARGON2_LANES: u32 = 1;
/// Fewest characters of a password (NIST SP 800-63B asks for 8 beside another factor, and for more
/// alone).
pub const PASSWORD_MIN: usize = 12;
/// Most characters of a password.
pub const PASSWORD_MAX: usize = 128;
/// Shortest user name.
pub const ACCOUNT_NAME_MIN: usize = 2;
/// Longest user name.
pub const ACCOUNT_NAME_MAX: usize = 32;
/// Longest full name, in characters.
pub const FULL_NAME_MAX: usize = 80;
/// Accounts, closed ones among them.
pub const ACCOUNTS_MAX: usize = 2_000;
/// How long a first password that somebody else chose may wait to be changed.
pub const FIRST_PASSWORD_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Wrong passwords in a row that cost no pause.
pub const WRONG_PASSWORDS_FREE: u32 = 3;
/// First pause after more of them; every other one is twice as long.
pub const SIGN_IN_PAUSE_FIRST: Duration = Duration::from_secs(2);
/// Longest pause.
pub const SIGN_IN_PAUSE_MAX: Duration = Duration::from_secs(15 * 60);
/// How long nobody tries before wrong passwords are forgotten.
pub const WRONG_PASSWORDS_FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// Wrong passwords over all names at once, before there is one in every [`WRONG_PASSWORD_EVERY`].
pub const WRONG_PASSWORDS_AT_ONCE: u32 = 60;
/// How often a password may be wrong over all names, in the long run.
pub const WRONG_PASSWORD_EVERY: Duration = Duration::from_secs(1);
/// Names of which wrong passwords are kept in mind.
pub const THROTTLED_NAMES_MAX: usize = 4_096;
/// Sessions of one person; of one more, the one that was idle for longest ends.
pub const SESSIONS_EACH_MAX: usize = 8;
/// Sessions in all.
pub const SESSIONS_MAX: usize = 1_000;
/// Points of one control in one chart.
pub const CONTROL_SERIES_POINTS_MAX: usize = 200;
/// Rows of a test's controls that are read for one chart; the oldest are the past of the others.
pub const CONTROL_SERIES_ROWS: usize = 4 * CONTROL_CHART_ROWS;
/// Controls in one list.
pub const CONTROLS_LISTED_MAX: usize = 500;
/// Reagent lots that only results name, looked through for one list.
pub const LOTS_LISTED_MAX: usize = 500;
/// Results that name a lot which are looked at for the first or last one of its test.
pub const LOT_USES_READ: u32 = 256;
/// Records of one kind that a register is put together from, the last ones.
pub const QUALITY_RECORDS_READ: u64 = 5_000;
/// Runs in one list.
pub const RUNS_LISTED_MAX: usize = 15;
/// Results of one run that are counted; beyond that it is said that there are more.
pub const RUN_RESULTS_COUNTED: usize = 1_000;
/// Slices of results that are looked through before a run is rejected; beyond that it is said that
/// there are more.
pub const RUN_REACH_SLICES: usize = 5;
/// Donations, or verdicts, that the statistics look at on one snapshot.
pub const STATISTICS_SLICE: i64 = 200;
/// How often a month is counted again that goes on changing.
pub const STATISTICS_EVERY: Duration = Duration::from_secs(60);
/// Months of which the statistics are kept in memory.
pub const STATISTICS_MONTHS_KEPT: usize = 60;
/// Most positions of a rack.
pub const RACK_POSITIONS_MAX: u32 = 1_536;
/// Largest body of a form of the console: a manifest, at most.
pub const CONSOLE_BODY_MAX: usize = 1024 * 1024;
/// Longest file of a sorter or a pooling robot, in bytes.
pub const MANIFEST_FILE_MAX: usize = 512 * 1024;
/// Characters of the longest text that is printed as a bar code.
pub const BARCODE_TEXT_MAX: usize = 64;
/// Open donations that the console keeps in memory; beyond that it says that there are more.
pub const FLOOR_OPEN_MAX: usize = 20_000;
/// Rows that the console reads from the store at once to know what is open.
pub const FLOOR_PAGE: u64 = 500;
/// Hours for which the console counts how many donations became what.
pub const FLOOR_HOURS: usize = 48;
/// Rows of the feed that are read for that when the console starts; what is older is not counted.
pub const FLOOR_ROWS_MAX: i64 = 200_000;
/// Times to verdict that are kept; beyond that the oldest goes.
pub const FLOOR_TIMES_MAX: usize = 100_000;
/// Pause between two looks at the feed: rows that come close together are read together.
pub const FLOOR_PACE: Duration = Duration::from_millis(100);
/// Pause before what is open is read again after the store could not be read.
pub const FLOOR_RETRY_PAUSE: Duration = Duration::from_secs(1);
/// Pause before it is read again because there is room for what had none.
pub const FLOOR_AGAIN_PAUSE: Duration = Duration::from_secs(60);
/// Loadings of racks in one list.
pub const LOADINGS_PAGE_MAX: u64 = 50;
/// Rows of one kind that one search shows.
pub const FOUND_MAX: u32 = 20;
/// Bytes of a message that a page of the console lays out.
pub const CONSOLE_MESSAGE_SHOWN: usize = 64 * 1024;
/// Characters of a ground, or of another text that a form of the console brings.
pub const CONSOLE_GROUNDS_MAX: usize = 2_000;
/// Pages of records that are looked at for proposals before a page is answered.
pub const CONSOLE_CATCH_UP_PAGES: usize = 20;
/// Pages of donations that are kept as they were made last, for those that stay open.
pub const CONSOLE_SHEETS_KEPT: usize = 64;
/// Members of a pool whose verdicts its page shows.
pub const CONSOLE_MEMBERS_SHOWN: usize = 96;
/// Unread messages on one page of the console.
pub const CONSOLE_UNREAD_PAGE: u64 = 50;
/// Donations shown that one of them blocks.
pub const CONSOLE_BLOCKED_SHOWN: usize = 5;
/// Donations of which a page says what they would become.
pub const CONSOLE_OUTLOOK_SHOWN: usize = 40;
/// Proposals shown that somebody else answered.
pub const CONSOLE_SETTLED_SHOWN: usize = 50;
/// Passwords that are looked at at once; each takes [`ARGON2_MEMORY_KIB`] and a core.
pub const PASSWORDS_AT_ONCE: usize = 2;
/// Events of accounts that the console shows, the latest ones.
pub const ACCOUNT_EVENTS_SHOWN: usize = 500;
/// How often it is looked whether an open stream's session is over.
pub const SESSION_LOOK_EVERY: Duration = Duration::from_secs(5);
/// Wrong passwords in a row at the moment of signing that sign the person out.
pub const WRONG_SIGNATURES_MAX: u32 = 5;
/// Longest time, in minutes, that a session may be idle.
pub const IDLE_MINUTES_MAX: i64 = 8 * 60;
/// Longest time, in hours, that a session may last.
pub const ABSOLUTE_HOURS_MAX: i64 = 24;
/// Connections to the console at once: each open page holds one, and each stream.
pub const CONSOLE_CONNECTIONS_MAX: usize = 256;
/// Handshakes of TLS with the console that are ready before they are served.
pub const CONSOLE_ARRIVALS_MAX: usize = 16;
/// Regions that one page of the console is sent anew.
pub const LIVE_REGIONS_MAX: usize = 16;
/// Longest id of such a region, in bytes.
pub const LIVE_REGION_ID_MAX: usize = 128;
/// Regions of all open pages, each language by itself.
pub const LIVE_REGIONS_ALL_MAX: usize = 1_024;
/// Open pages of one person that are kept live: as many as a desk has screens, and a few.
pub const LIVE_STREAMS_EACH_MAX: usize = 8;
/// Open pages that are kept live in all.
pub const LIVE_STREAMS_MAX: usize = 256;
/// Pieces of one stream that wait for a page that does not read.
pub const LIVE_UNSENT_MAX: usize = 2;
/// Shortest time from one rendering of a region to the next.
pub const LIVE_EVERY: Duration = Duration::from_millis(500);
/// How often a region that is looked at asks whether anything was committed.
pub const LIVE_LOOK: Duration = Duration::from_millis(250);
/// How long a region stands without news until it is rendered anyway: ages grow, lines fall silent.
pub const LIVE_ANYWAY: Duration = Duration::from_secs(1);
/// How long a page waits for what is rendered at the same time.
pub const LIVE_TOGETHER: Duration = Duration::from_millis(25);
/// How often a page is told that the line is whole.
pub const LIVE_HEARTBEAT: Duration = Duration::from_secs(15);
/// Longest code of a rack, in characters.
pub const RACK_CODE_MAX: usize = 32;
/// Answers to scans that are remembered for one loading, so that a scan sent once more is answered
/// as before.
pub const SCANS_REMEMBERED: usize = 1_024;
/// Loadings that are worked on at once; those of nobody are forgotten beyond that.
pub const RACK_BENCHES_MAX: usize = 256;
/// Longest text that somebody types about a rack, in characters.
pub const RACK_WORDS_MAX: usize = 500;
/// Donations decided last of which the console keeps the verdict in memory.
pub const FLOOR_DECIDED_MAX: usize = 20_000;
/// Donations that one age of today's page names, the oldest.
pub const TODAY_NAMED_MAX: usize = 8;
/// Racks in progress that live pages know, the latest.
pub const GLANCE_RACKS_MAX: u64 = 12;
/// How often live pages ask the store, together.
pub const GLANCE_EVERY: Duration = Duration::from_millis(750);
/// Rows of a worklist on a page that is kept live; the sheet and the file have more.
pub const WORKLIST_SHOWN_MAX: usize = 200;
/// Rows of a worklist on paper or in a file.
pub const WORKLIST_ROWS_MAX: usize = 2_000;
/// Pieces of recent traffic that a page of a line shows.
pub const TRAFFIC_SHOWN_MAX: usize = 60;
/// Bytes that it shows of one of them.
pub const TRAFFIC_SHOWN_BYTES: usize = 2 * 1024;
/// Characters of one text that is typed into a form of quality control.
pub const QUALITY_TEXT_MAX: usize = 500;
/// Days before its last day from which on a lot counts as expiring soon.
pub const EXPIRES_SOON_DAYS: i32 = 30;
/// Months that one page of the statistics shows.
pub const STATISTICS_MONTHS_SHOWN: usize = 24;
/// Highest level of a control.
pub const CONTROL_LEVEL_MAX: u32 = 9;
/// Months of which the reactive rates of lots are shown.
pub const RATE_MONTHS_SHOWN: usize = 3;
/// Latest loadings among which the list of racks shows those that are over.
pub const RACKS_RECENT_MAX: u64 = 30;
