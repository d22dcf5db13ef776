-- What the ledger counts since this version: one row for each commit that added to any of these
-- tables, covered by the hash of the ledger's row of that number.
CREATE TABLE ledger_4 (
    n INTEGER PRIMARY KEY CHECK (n > 0) REFERENCES ledger (n),
    user_event INTEGER NOT NULL,
    rack_tube INTEGER NOT NULL,
    reading_again INTEGER NOT NULL
) STRICT;

-- What happened to the accounts of people; what it means is not the store's business. Passwords
-- stand here as salted hashes only.
CREATE TABLE user_event (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    name TEXT NOT NULL CHECK (name <> ''),
    kind TEXT NOT NULL CHECK (kind <> ''),
    payload TEXT NOT NULL,
    made_by TEXT NOT NULL CHECK (made_by <> ''),
    made_at TEXT NOT NULL
) STRICT;

-- A tube put at a place of a rack, beside the record that says so.
CREATE TABLE rack_tube (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    record INTEGER NOT NULL UNIQUE REFERENCES record (id),
    loading TEXT NOT NULL,
    rack TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position > 0),
    din TEXT NOT NULL
) STRICT;
CREATE INDEX rack_tube_loading ON rack_tube (loading);
CREATE INDEX rack_tube_rack ON rack_tube (rack);
CREATE INDEX rack_tube_din ON rack_tube (din);

-- The bytes of `message` were read again with a later profile: that reading is `read_as`, and two
-- people agreed to it with `record`.
CREATE TABLE reading_again (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    message INTEGER NOT NULL UNIQUE REFERENCES message (id),
    read_as INTEGER NOT NULL REFERENCES message (id),
    record INTEGER NOT NULL REFERENCES record (id)
) STRICT;

-- Of a record about a rack or a message, `subject` is the loading, or `message` and its number, and
-- `test_code` the step. What is said about a donation because of one of them has that `subject`,
-- too.
CREATE INDEX record_kind ON record (kind, id)
    WHERE kind = 'rack' OR kind = 'message' OR kind = 'run' OR kind = 'eqa'
    OR kind = 'kit' OR kind = 'lot' OR kind = 'control_target';
CREATE INDEX record_rack ON record (test_code, subject) WHERE kind = 'rack';
CREATE INDEX record_said ON record (subject) WHERE din <> '' AND subject <> '';

-- Which donations are open, for whoever begins to watch them.
CREATE INDEX verdict_open ON verdict (seq, din, version, verdict)
    WHERE verdict = 'pending' OR verdict = 'hold';

-- Donations by the day of their collection, UTC.
CREATE INDEX registration_collected ON registration (substr(collected_at, 1, 10));

CREATE TRIGGER ledger_4_no_update BEFORE UPDATE ON ledger_4
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER ledger_4_no_delete BEFORE DELETE ON ledger_4
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER user_event_no_update BEFORE UPDATE ON user_event
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER user_event_no_delete BEFORE DELETE ON user_event
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rack_tube_no_update BEFORE UPDATE ON rack_tube
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rack_tube_no_delete BEFORE DELETE ON rack_tube
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER reading_again_no_update BEFORE UPDATE ON reading_again
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER reading_again_no_delete BEFORE DELETE ON reading_again
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;
