-- What the ledger counts since this version: one row for each commit that added to any of these
-- tables, covered by the hash of the ledger's row of that number.
CREATE TABLE ledger_2 (
    n INTEGER PRIMARY KEY CHECK (n > 0) REFERENCES ledger (n),
    sighting INTEGER NOT NULL,
    answer INTEGER NOT NULL,
    work_order INTEGER NOT NULL,
    order_reply INTEGER NOT NULL
) STRICT;

-- A donation that was asked for at two places within a time in which no tube gets from one to the
-- other.
CREATE TABLE sighting (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    message INTEGER NOT NULL REFERENCES message (id),
    din TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX sighting_din ON sighting (din);

-- What an analyser is about to be told: the answer to a query, or an announcement (`message` is
-- NULL). Its number is the serial number of the messages in it.
CREATE TABLE answer (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    analyser TEXT NOT NULL CHECK (analyser <> ''),
    message INTEGER REFERENCES message (id),
    given_at TEXT NOT NULL
) STRICT;

-- `message_to` says which results were on record when it was issued: later ones may be its own.
CREATE TABLE work_order (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    order_id TEXT NOT NULL UNIQUE,
    answer INTEGER NOT NULL REFERENCES answer (id),
    analyser TEXT NOT NULL,
    din TEXT NOT NULL,
    assay TEXT NOT NULL,
    determination INTEGER NOT NULL CHECK (determination > 0),
    rack TEXT,
    position TEXT,
    message_to INTEGER NOT NULL,
    issued_at TEXT NOT NULL
) STRICT;
CREATE INDEX work_order_din ON work_order (din);
CREATE INDEX work_order_analyser ON work_order (analyser);

-- `order_id` is what the analyser named (NULL: no order in particular), `work_order` the order of
-- that id where it was issued to this analyser; `message` is NULL where it acknowledged without a
-- word, or never took the order.
CREATE TABLE order_reply (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    order_id TEXT,
    work_order INTEGER REFERENCES work_order (id),
    message INTEGER REFERENCES message (id),
    standing TEXT NOT NULL,
    text TEXT NOT NULL,
    said_at TEXT NOT NULL
) STRICT;
CREATE INDEX order_reply_order ON order_reply (work_order);

CREATE TRIGGER ledger_2_no_update BEFORE UPDATE ON ledger_2
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER ledger_2_no_delete BEFORE DELETE ON ledger_2
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER sighting_no_update BEFORE UPDATE ON sighting
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER sighting_no_delete BEFORE DELETE ON sighting
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER answer_no_update BEFORE UPDATE ON answer
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER answer_no_delete BEFORE DELETE ON answer
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER work_order_no_update BEFORE UPDATE ON work_order
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER work_order_no_delete BEFORE DELETE ON work_order
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER order_reply_no_update BEFORE UPDATE ON order_reply
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;

CREATE TRIGGER order_reply_no_delete BEFORE DELETE ON order_reply
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END;
