-- What the ledger counts since this version: one row for each commit that added to any of these
-- tables, covered by the hash of the ledger's row of that number.
CREATE TABLE ledger_3 (
    n INTEGER PRIMARY KEY CHECK (n > 0) REFERENCES ledger (n),
    record INTEGER NOT NULL,
    pool_member INTEGER NOT NULL,
    control INTEGER NOT NULL,
    redecision INTEGER NOT NULL,
    verdict_cause INTEGER NOT NULL,
    donor_event INTEGER NOT NULL,
    donor_event_reply INTEGER NOT NULL,
    rule_event INTEGER NOT NULL,
    shadow_verdict INTEGER NOT NULL
) STRICT;

-- What people and other systems put on record. `din` is empty where it is about no donation;
-- `subject` is the pool's id, or the profile or analyser that `test_code` belongs to. The last
-- three say what was on record when it was made: it counts for verdicts after `after_verdict`.
CREATE TABLE record (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    kind TEXT NOT NULL,
    din TEXT NOT NULL,
    subject TEXT NOT NULL,
    test_code TEXT NOT NULL,
    payload TEXT NOT NULL,
    made_by TEXT NOT NULL CHECK (made_by <> ''),
    recorded_at TEXT NOT NULL,
    after_message INTEGER NOT NULL,
    after_observation INTEGER NOT NULL,
    after_verdict INTEGER NOT NULL
) STRICT;
CREATE INDEX record_din ON record (din) WHERE din <> '';
CREATE INDEX record_subject ON record (subject, test_code) WHERE din = '';
CREATE INDEX record_after ON record (after_verdict);

CREATE TABLE pool_member (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    record INTEGER NOT NULL REFERENCES record (id),
    pool TEXT NOT NULL,
    din TEXT NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal > 0)
) STRICT;
CREATE INDEX pool_member_din ON pool_member (din);
CREATE INDEX pool_member_pool ON pool_member (pool);

-- Observations of controls. Between two controls of one `run` the analyser brought no result of
-- this test.
CREATE TABLE control (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    observation INTEGER NOT NULL UNIQUE REFERENCES observation (id),
    message INTEGER NOT NULL REFERENCES message (id),
    analyser TEXT NOT NULL,
    test_code TEXT NOT NULL,
    material TEXT NOT NULL,
    reagent_lot TEXT NOT NULL,
    run INTEGER NOT NULL CHECK (run > 0)
) STRICT;
CREATE INDEX control_material ON control (analyser, test_code, material, observation);
CREATE INDEX control_test ON control (analyser, test_code, observation);
CREATE INDEX control_message ON control (message, test_code, material);

-- How far the donations that a record touches were decided again, where they were too many for one
-- transaction: up to this observation. `complete` is 1 once nothing is left.
CREATE TABLE redecision (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    record INTEGER NOT NULL REFERENCES record (id),
    decided_to INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;
CREATE INDEX redecision_record ON redecision (record);

-- The record that made a verdict necessary; the verdict's own `cause` is then the rule set's use.
CREATE TABLE verdict_cause (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    verdict INTEGER NOT NULL UNIQUE REFERENCES verdict (seq),
    record INTEGER NOT NULL REFERENCES record (id)
) STRICT;

-- What follows for the donor: a feed of its own, each consequence of a donation once. `assay` is
-- empty where it is about none.
CREATE TABLE donor_event (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    din TEXT NOT NULL,
    verdict INTEGER NOT NULL REFERENCES verdict (seq),
    consequence TEXT NOT NULL,
    code TEXT NOT NULL,
    assay TEXT NOT NULL,
    concluded_at TEXT NOT NULL,
    UNIQUE (din, consequence, code, assay)
) STRICT;

-- Inventory has taken it over.
CREATE TABLE donor_event_reply (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    donor_event INTEGER NOT NULL UNIQUE REFERENCES donor_event (id),
    acknowledged_by TEXT NOT NULL CHECK (acknowledged_by <> ''),
    acknowledged_at TEXT NOT NULL
) STRICT;

-- The life of a rule set.
CREATE TABLE rule_event (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    rule_set INTEGER NOT NULL REFERENCES rule_set (id),
    event TEXT NOT NULL CHECK
        (event IN ('draft', 'checked', 'shadow', 'approved', 'active_from', 'retired')),
    made_by TEXT NOT NULL CHECK (made_by <> ''),
    made_at TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;
CREATE INDEX rule_event_rule_set ON rule_event (rule_set);

-- What a rule set that is only tried out says beside the verdict in force at that time, which is
-- the one numbered `verdict`; whoever adds a row says when one is due.
CREATE TABLE shadow_verdict (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    rule_set INTEGER NOT NULL REFERENCES rule_set (id),
    din TEXT NOT NULL,
    verdict INTEGER NOT NULL REFERENCES verdict (seq),
    would_be TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX shadow_verdict_din ON shadow_verdict (din, rule_set);
CREATE INDEX shadow_verdict_rule_set ON shadow_verdict (rule_set);

-- How donations are found that a record or a control speaks about: by test code, by reagent lot, by
-- the id of a specimen that is no donation (a pool's tube), by when the message came.
CREATE INDEX observation_test ON observation (json_extract(payload, '$.test_code'));
CREATE INDEX observation_lot ON observation (json_extract(payload, '$.reagent_lot'))
    WHERE json_extract(payload, '$.reagent_lot') IS NOT NULL;
CREATE INDEX observation_stray ON observation (json_extract(payload, '$.specimen_id'))
    WHERE din = '';
CREATE INDEX message_received ON message (analyser, substr(received_at, 1, 19));

CREATE TRIGGER ledger_3_no_update BEFORE UPDATE ON ledger_3
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER ledger_3_no_delete BEFORE DELETE ON ledger_3
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER record_no_update BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER record_no_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER pool_member_no_update BEFORE UPDATE ON pool_member
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER pool_member_no_delete BEFORE DELETE ON pool_member
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER control_no_update BEFORE UPDATE ON control
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER control_no_delete BEFORE DELETE ON control
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER redecision_no_update BEFORE UPDATE ON redecision
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER redecision_no_delete BEFORE DELETE ON redecision
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER verdict_cause_no_update BEFORE UPDATE ON verdict_cause
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER verdict_cause_no_delete BEFORE DELETE ON verdict_cause
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER donor_event_no_update BEFORE UPDATE ON donor_event
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER donor_event_no_delete BEFORE DELETE ON donor_event
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER donor_event_reply_no_update BEFORE UPDATE ON donor_event_reply
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER donor_event_reply_no_delete BEFORE DELETE ON donor_event_reply
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rule_event_no_update BEFORE UPDATE ON rule_event
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rule_event_no_delete BEFORE DELETE ON rule_event
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER shadow_verdict_no_update BEFORE UPDATE ON shadow_verdict
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER shadow_verdict_no_delete BEFORE DELETE ON shadow_verdict
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;
