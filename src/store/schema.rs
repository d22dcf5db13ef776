//! The tables, all of them only added to, and the steps from one version of them to the next.
//!
//! Every table of history has a gapless number from 1, which the ledger counts, and triggers that
//! refuse UPDATE and DELETE. A later version adds tables, never columns: the hashes in the ledger
//! cover whole rows as they were written.

use rusqlite::Connection;

/// Marks the file as ours (`HEMO`).
pub(super) const APPLICATION_ID: i64 = 0x4845_4D4F;

/// The version this program writes: the number of steps below.
pub(super) const VERSION: i64 = 4;

const STEPS: [&str; 4] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
];

/// A table of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Texts of rule sets.
    RuleSet,
    /// Texts of profiles.
    Profile,
    /// Which rule set decides, and how far it has.
    RuleUse,
    /// Messages.
    Message,
    /// Donations that an unread message names.
    MessageDonation,
    /// Unread messages that a later one made good.
    MessageResolution,
    /// Observations.
    Observation,
    /// Registrations.
    Registration,
    /// Verdicts: the feed.
    Verdict,
    /// Donations that were asked for at two places at once.
    Sighting,
    /// What analysers were told to test, one row each time.
    Answer,
    /// Orders.
    WorkOrder,
    /// What analysers said about orders.
    OrderReply,
    /// What people and other systems put on record.
    Record,
    /// Members of pools.
    PoolMember,
    /// Observations of controls.
    Control,
    /// How far the donations that a record touches were decided again.
    Redecision,
    /// Records that made verdicts necessary.
    VerdictCause,
    /// What follows for donors: a feed.
    DonorEvent,
    /// What inventory took over of it.
    DonorEventReply,
    /// The life of rule sets.
    RuleEvent,
    /// What rule sets that are only tried out say.
    ShadowVerdict,
    /// What happened to the accounts of people.
    UserEvent,
    /// Tubes put at places of racks.
    RackTube,
    /// Messages that were read again with a later profile.
    ReadingAgain,
}

impl Table {
    /// Every table, in the order of the columns of the ledger and of the later ledgers.
    pub(super) const ALL: [Table; 25] = [
        Table::RuleSet,
        Table::Profile,
        Table::RuleUse,
        Table::Message,
        Table::MessageDonation,
        Table::MessageResolution,
        Table::Observation,
        Table::Registration,
        Table::Verdict,
        Table::Sighting,
        Table::Answer,
        Table::WorkOrder,
        Table::OrderReply,
        Table::Record,
        Table::PoolMember,
        Table::Control,
        Table::Redecision,
        Table::VerdictCause,
        Table::DonorEvent,
        Table::DonorEventReply,
        Table::RuleEvent,
        Table::ShadowVerdict,
        Table::UserEvent,
        Table::RackTube,
        Table::ReadingAgain,
    ];

    /// How many of them the ledger itself counts.
    pub(super) const FIRST: usize = 9;

    /// How many the ledger and `ledger_2` count together.
    pub(super) const SECOND: usize = 13;

    /// How many these and `ledger_3` count together; `ledger_4` counts the others.
    pub(super) const THIRD: usize = 22;

    /// The version that brought it.
    pub(super) const fn since(self) -> i64 {
        let place = self as usize;
        if place < Table::FIRST {
            1
        } else if place < Table::SECOND {
            2
        } else if place < Table::THIRD {
            3
        } else {
            4
        }
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Table::RuleSet => "rule_set",
            Table::Profile => "profile",
            Table::RuleUse => "rule_use",
            Table::Message => "message",
            Table::MessageDonation => "message_donation",
            Table::MessageResolution => "message_resolution",
            Table::Observation => "observation",
            Table::Registration => "registration",
            Table::Verdict => "verdict",
            Table::Sighting => "sighting",
            Table::Answer => "answer",
            Table::WorkOrder => "work_order",
            Table::OrderReply => "order_reply",
            Table::Record => "record",
            Table::PoolMember => "pool_member",
            Table::Control => "control",
            Table::Redecision => "redecision",
            Table::VerdictCause => "verdict_cause",
            Table::DonorEvent => "donor_event",
            Table::DonorEventReply => "donor_event_reply",
            Table::RuleEvent => "rule_event",
            Table::ShadowVerdict => "shadow_verdict",
            Table::UserEvent => "user_event",
            Table::RackTube => "rack_tube",
            Table::ReadingAgain => "reading_again",
        }
    }

    /// Appends one row; where a key says "the same is on record", nothing.
    pub(super) const fn insert(self) -> &'static str {
        match self {
            Table::RuleSet => "INSERT INTO rule_set VALUES (?1,?2,?3,?4,?5)",
            Table::Profile => {
                "INSERT INTO profile VALUES (?1,?2,?3,?4) ON CONFLICT (sha256, name) DO NOTHING"
            }
            Table::RuleUse => "INSERT INTO rule_use VALUES (?1,?2,?3,?4)",
            Table::Message => {
                "INSERT INTO message VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12) \
                 ON CONFLICT (message_key) WHERE incomplete IS NULL DO NOTHING"
            }
            Table::MessageDonation => "INSERT INTO message_donation VALUES (?1,?2,?3,?4)",
            Table::MessageResolution => "INSERT INTO message_resolution VALUES (?1,?2,?3,?4)",
            Table::Observation => {
                "INSERT INTO observation VALUES (?1,?2,?3,?4,?5,?6,?7) \
                 ON CONFLICT (din, observation_key) DO NOTHING"
            }
            Table::Registration => "INSERT INTO registration VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
            Table::Verdict => "INSERT INTO verdict VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
            Table::Sighting => "INSERT INTO sighting VALUES (?1,?2,?3,?4)",
            Table::Answer => "INSERT INTO answer VALUES (?1,?2,?3,?4)",
            Table::WorkOrder => {
                "INSERT INTO work_order VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)"
            }
            Table::OrderReply => "INSERT INTO order_reply VALUES (?1,?2,?3,?4,?5,?6,?7)",
            Table::Record => "INSERT INTO record VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
            Table::PoolMember => "INSERT INTO pool_member VALUES (?1,?2,?3,?4,?5)",
            Table::Control => "INSERT INTO control VALUES (?1,?2,?3,?4,?5,?6,?7,?8)",
            Table::Redecision => "INSERT INTO redecision VALUES (?1,?2,?3,?4)",
            Table::VerdictCause => "INSERT INTO verdict_cause VALUES (?1,?2,?3)",
            Table::DonorEvent => {
                "INSERT INTO donor_event VALUES (?1,?2,?3,?4,?5,?6,?7) \
                 ON CONFLICT (din, consequence, code, assay) DO NOTHING"
            }
            Table::DonorEventReply => {
                "INSERT INTO donor_event_reply VALUES (?1,?2,?3,?4) \
                 ON CONFLICT (donor_event) DO NOTHING"
            }
            Table::RuleEvent => "INSERT INTO rule_event VALUES (?1,?2,?3,?4,?5,?6)",
            Table::ShadowVerdict => "INSERT INTO shadow_verdict VALUES (?1,?2,?3,?4,?5,?6,?7)",
            Table::UserEvent => "INSERT INTO user_event VALUES (?1,?2,?3,?4,?5,?6)",
            Table::RackTube => "INSERT INTO rack_tube VALUES (?1,?2,?3,?4,?5,?6)",
            Table::ReadingAgain => "INSERT INTO reading_again VALUES (?1,?2,?3,?4)",
        }
    }

    /// Its rows after one number up to another, in order.
    pub(super) const fn range(self) -> &'static str {
        match self {
            Table::RuleSet => "SELECT * FROM rule_set WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::Profile => "SELECT * FROM profile WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::RuleUse => "SELECT * FROM rule_use WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::Message => "SELECT * FROM message WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::MessageDonation => {
                "SELECT * FROM message_donation WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
            Table::MessageResolution => {
                "SELECT * FROM message_resolution WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
            Table::Observation => {
                "SELECT * FROM observation WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
            Table::Registration => {
                "SELECT * FROM registration WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
            Table::Verdict => "SELECT * FROM verdict WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
            Table::Sighting => "SELECT * FROM sighting WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::Answer => "SELECT * FROM answer WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::WorkOrder => "SELECT * FROM work_order WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::OrderReply => "SELECT * FROM order_reply WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::Record => "SELECT * FROM record WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::PoolMember => "SELECT * FROM pool_member WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::Control => "SELECT * FROM control WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::Redecision => "SELECT * FROM redecision WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::VerdictCause => {
                "SELECT * FROM verdict_cause WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
            Table::DonorEvent => "SELECT * FROM donor_event WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::DonorEventReply => {
                "SELECT * FROM donor_event_reply WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
            Table::RuleEvent => "SELECT * FROM rule_event WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::ShadowVerdict => {
                "SELECT * FROM shadow_verdict WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
            Table::UserEvent => "SELECT * FROM user_event WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::RackTube => "SELECT * FROM rack_tube WHERE id > ?1 AND id <= ?2 ORDER BY id",
            Table::ReadingAgain => {
                "SELECT * FROM reading_again WHERE id > ?1 AND id <= ?2 ORDER BY id"
            }
        }
    }
}

/// The version of a file's tables.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))
}

/// Brings the tables from one version to a later one, one transaction a step.
pub(super) fn migrate(connection: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    for (step, version) in STEPS.iter().zip(1..=to) {
        if version > from {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {step}
                 PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}; COMMIT;"
            ))?;
        }
    }
    Ok(())
}

/// Every table, index and trigger with its text, as a version has them.
pub(super) fn expected(version: i64) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open_in_memory()?;
    migrate(&connection, 0, version)?;
    found(&connection)
}

/// Every table, index and trigger with its text, as the file has them.
pub(super) fn found(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_history_refuses_update_and_delete() {
        let schema = expected(VERSION).unwrap().join("\n");
        let ledgers = ["ledger", "ledger_2", "ledger_3", "ledger_4"];
        for table in Table::ALL.iter().map(|table| table.name()).chain(ledgers) {
            for action in ["UPDATE", "DELETE"] {
                let trigger = format!("BEFORE {action} ON {table}\n");
                assert!(schema.contains(&trigger), "{table} has no trigger: {trigger}");
            }
        }
    }

    #[test]
    fn the_tables_of_each_version_stand_together() {
        let since: Vec<i64> = Table::ALL.iter().map(|table| table.since()).collect();
        let second = Table::SECOND - Table::FIRST;
        let third = Table::THIRD - Table::SECOND;
        let expected = [vec![1; Table::FIRST], vec![2; second], vec![3; third], vec![4; 3]];
        assert_eq!(since, expected.concat());
        for (at, table) in Table::ALL.into_iter().enumerate() {
            assert_eq!(table as usize, at);
        }
    }

    #[test]
    fn version_counts_the_steps() {
        assert_eq!(i64::try_from(STEPS.len()).unwrap(), VERSION);
    }
}
