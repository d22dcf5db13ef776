CREATE TABLE ledger (
    n INTEGER PRIMARY KEY CHECK (n > 0),
    rule_set INTEGER NOT NULL,
    profile INTEGER NOT NULL,
    rule_use INTEGER NOT NULL,
    message INTEGER NOT NULL,
    message_donation INTEGER NOT NULL,
    message_resolution INTEGER NOT NULL,
    observation INTEGER NOT NULL,
    registration INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE rule_set (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE profile (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (sha256, name)
) STRICT;

-- The last row says which rule set decides, and up to which registration it has decided again;
-- `complete` is 1 once nothing is left to decide again.
CREATE TABLE rule_use (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    rule_set INTEGER NOT NULL REFERENCES rule_set (id),
    decided_to INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;

CREATE TABLE message (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    received_at TEXT NOT NULL,
    analyser TEXT NOT NULL CHECK (analyser <> ''),
    profile TEXT NOT NULL,
    profile_sha256 TEXT NOT NULL,
    content_key BLOB NOT NULL,
    message_key BLOB NOT NULL,
    unread INTEGER NOT NULL CHECK (unread IN (0, 1)),
    incomplete TEXT,
    faults TEXT NOT NULL,
    body BLOB,
    bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_same ON message (message_key) WHERE incomplete IS NULL;
CREATE INDEX message_cut ON message (analyser) WHERE incomplete IS NOT NULL;
CREATE INDEX message_unread ON message (id) WHERE unread = 1;

-- Donations that an unread message names; `blocks` is 0 where what could not be read stands in the
-- message's observations, which block by themselves.
CREATE TABLE message_donation (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    message INTEGER NOT NULL REFERENCES message (id),
    din TEXT NOT NULL,
    blocks INTEGER NOT NULL CHECK (blocks IN (0, 1))
) STRICT;
CREATE INDEX message_donation_din ON message_donation (din) WHERE blocks = 1;
CREATE INDEX message_donation_message ON message_donation (message);

CREATE TABLE message_resolution (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    message INTEGER NOT NULL UNIQUE REFERENCES message (id),
    resolved_by INTEGER NOT NULL REFERENCES message (id),
    why TEXT NOT NULL
) STRICT;

-- `din` is empty where the observation speaks about no donation. The key holds the donation number
-- too; with the number in front of it one index finds both the same fact and all of a donation, and
-- what arrives together stands together.
CREATE TABLE observation (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    message INTEGER NOT NULL REFERENCES message (id),
    ordinal INTEGER NOT NULL,
    din TEXT NOT NULL,
    observation_key BLOB NOT NULL,
    number TEXT,
    payload TEXT NOT NULL,
    UNIQUE (din, observation_key)
) STRICT;

CREATE TABLE registration (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    din TEXT NOT NULL UNIQUE,
    collected_at TEXT NOT NULL,
    site TEXT NOT NULL,
    donor_kind TEXT NOT NULL CHECK (donor_kind IN ('first', 'repeat')),
    deferred INTEGER NOT NULL CHECK (deferred IN (0, 1)),
    historic_abo TEXT,
    historic_rhd TEXT,
    registered_at TEXT NOT NULL,
    CHECK ((historic_abo IS NULL) = (historic_rhd IS NULL))
) STRICT;

-- `message_to` and `resolution_to` say which facts the verdict was concluded from.
CREATE TABLE verdict (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    din TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    verdict TEXT NOT NULL,
    decision TEXT NOT NULL,
    rule_set INTEGER NOT NULL REFERENCES rule_set (id),
    decided_at TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('message', 'registration', 'rule_use')),
    cause_id INTEGER NOT NULL,
    message_to INTEGER NOT NULL,
    resolution_to INTEGER NOT NULL,
    UNIQUE (din, version)
) STRICT;

-- Not history: written to find out whether the disk takes writes again.
CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL) STRICT;
INSERT INTO probe VALUES (1, 0);

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rule_set_no_update BEFORE UPDATE ON rule_set
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rule_set_no_delete BEFORE DELETE ON rule_set
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER profile_no_update BEFORE UPDATE ON profile
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER profile_no_delete BEFORE DELETE ON profile
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rule_use_no_update BEFORE UPDATE ON rule_use
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER rule_use_no_delete BEFORE DELETE ON rule_use
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER message_no_update BEFORE UPDATE ON message
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER message_no_delete BEFORE DELETE ON message
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER message_donation_no_update BEFORE UPDATE ON message_donation
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER message_donation_no_delete BEFORE DELETE ON message_donation
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER message_resolution_no_update BEFORE UPDATE ON message_resolution
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER message_resolution_no_delete BEFORE DELETE ON message_resolution
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER observation_no_update BEFORE UPDATE ON observation
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER observation_no_delete BEFORE DELETE ON observation
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER registration_no_update BEFORE UPDATE ON registration
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER registration_no_delete BEFORE DELETE ON registration
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER verdict_no_update BEFORE UPDATE ON verdict
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER verdict_no_delete BEFORE DELETE ON verdict
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;
