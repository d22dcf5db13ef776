//! Roles, and what each of them may do: one table, read from top to bottom.
//!
//! Whoever manages accounts could make a second person and be two people at once, so an
//! administrator has no other role. An auditor only reads, so that no other role may stand beside
//! that one either.

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

/// What somebody is to the laboratory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Works at the bench.
    Technician,
    /// Reviews and signs what technicians did.
    Reviewer,
    /// Answers for controls, lots, runs and assessment rounds.
    Quality,
    /// Answers for accounts, and for nothing about blood.
    Administrator,
    /// Looks at everything and changes nothing.
    Auditor,
}

/// Something that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Look at donations, results, racks, worklists, controls and lines.
    Look,
    /// Load racks, scan tubes, read in manifests.
    LoadRacks,
    /// Sign that the tests were run.
    SignTested,
    /// Propose an amendment, a correction, what becomes of a message or of a rack in doubt.
    Propose,
    /// Agree to a proposal of somebody else, or turn it down.
    Agree,
    /// Review results and sign reports.
    Review,
    /// Put control targets, lots, runs and assessment rounds on record.
    Quality,
    /// Add people, change their roles, close their accounts.
    Accounts,
    /// See who did what, and what became of accounts.
    Audit,
}

impl Role {
    /// Every one.
    pub const ALL: [Role; 5] =
        [Role::Technician, Role::Reviewer, Role::Quality, Role::Administrator, Role::Auditor];

    /// The word used on the command line, in forms and in the store.
    pub const fn id(self) -> &'static str {
        match self {
            Role::Technician => "technician",
            Role::Reviewer => "reviewer",
            Role::Quality => "quality",
            Role::Administrator => "administrator",
            Role::Auditor => "auditor",
        }
    }

    /// The one written exactly so.
    pub fn from_id(id: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.id() == id)
    }

    /// Whether it may do this.
    pub const fn may(self, duty: Duty) -> bool {
        let [technician, reviewer, quality, administrator, auditor] = duty.column();
        match self {
            Role::Technician => technician,
            Role::Reviewer => reviewer,
            Role::Quality => quality,
            Role::Administrator => administrator,
            Role::Auditor => auditor,
        }
    }

    /// Whether it may stand beside others.
    const fn is_alone(self) -> bool {
        match self {
            Role::Technician | Role::Reviewer | Role::Quality => false,
            Role::Administrator | Role::Auditor => true,
        }
    }
}

impl Duty {
    /// Every one.
    pub const ALL: [Duty; 9] = [
        Duty::Look,
        Duty::LoadRacks,
        Duty::SignTested,
        Duty::Propose,
        Duty::Agree,
        Duty::Review,
        Duty::Quality,
        Duty::Accounts,
        Duty::Audit,
    ];

    /// Who may: technician, reviewer, quality, administrator, auditor.
    #[rustfmt::skip]
    const fn column(self) -> [bool; 5] {
        const Y: bool = true;
        const N: bool = false;
        match self {
            //                  tech rev  qual adm  aud
            Duty::Look       => [Y,   Y,   Y,   N,   Y],
            Duty::LoadRacks  => [Y,   Y,   Y,   N,   N],
            Duty::SignTested => [Y,   Y,   Y,   N,   N],
            Duty::Propose    => [Y,   Y,   Y,   N,   N],
            Duty::Agree      => [N,   Y,   Y,   N,   N],
            Duty::Review     => [N,   Y,   N,   N,   N],
            Duty::Quality    => [N,   N,   Y,   N,   N],
            Duty::Accounts   => [N,   N,   N,   Y,   N],
            Duty::Audit      => [N,   N,   Y,   Y,   Y],
        }
    }

    /// Whether whoever may do it changes something.
    pub const fn changes(self) -> bool {
        match self {
            Duty::Look | Duty::Audit => false,
            Duty::LoadRacks
            | Duty::SignTested
            | Duty::Propose
            | Duty::Agree
            | Duty::Review
            | Duty::Quality
            | Duty::Accounts => true,
        }
    }
}

/// The roles of one person: at least one, and an administrator or auditor is nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

/// Roles that one person cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MixedRoles {
    /// None at all.
    #[error("an account has at least one role")]
    None,
    /// This one stands alone.
    #[error(
        "{} cannot have another role beside it: who manages accounts or audits the laboratory \
         decides nothing about blood",
        .0.id()
    )]
    Alone(Role),
}

impl Roles {
    /// These roles together.
    ///
    /// # Errors
    /// [`MixedRoles`].
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Result<Roles, MixedRoles> {
        let roles: BTreeSet<Role> = roles.into_iter().collect();
        let alone = roles.iter().find(|role| role.is_alone()).copied();
        match (roles.len(), alone) {
            (0, _) => Err(MixedRoles::None),
            (2.., Some(role)) => Err(MixedRoles::Alone(role)),
            (_, _) => Ok(Roles(roles)),
        }
    }

    /// Whether any of them may do this.
    pub fn may(&self, duty: Duty) -> bool {
        self.0.iter().any(|role| role.may(duty))
    }

    /// Whether this is among them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.iter().map(Role::id).collect();
        f.write_str(&ids.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_does_nothing_about_blood() {
        for duty in Duty::ALL {
            let accounts = matches!(duty, Duty::Accounts | Duty::Audit);
            assert_eq!(Role::Administrator.may(duty), accounts, "{duty:?}");
        }
    }

    #[test]
    fn an_auditor_reads_everything_and_changes_nothing() {
        for duty in Duty::ALL {
            assert_eq!(Role::Auditor.may(duty), !duty.changes(), "{duty:?}");
        }
    }

    /// Otherwise whoever manages accounts makes themselves a second person to agree with.
    #[test]
    fn who_manages_accounts_or_audits_has_no_second_role() {
        for alone in [Role::Administrator, Role::Auditor] {
            assert!(Roles::of([alone]).is_ok());
            for other in Role::ALL.into_iter().filter(|other| *other != alone) {
                assert!(Roles::of([alone, other]).is_err(), "{alone:?} {other:?}");
            }
        }
        let bench = [Role::Technician, Role::Reviewer, Role::Quality];
        assert!(Roles::of(bench).is_ok());
        assert_eq!(Roles::of([]), Err(MixedRoles::None));
    }

    #[test]
    fn every_duty_is_somebodys_and_two_kinds_of_people_may_agree() {
        for duty in Duty::ALL {
            assert!(Role::ALL.iter().any(|role| role.may(duty)), "{duty:?}");
        }
        let agreeing: Vec<_> = Role::ALL.into_iter().filter(|r| r.may(Duty::Agree)).collect();
        assert_eq!(agreeing, [Role::Reviewer, Role::Quality]);
        assert!(agreeing.iter().all(|role| role.may(Duty::Propose)));
    }

    #[test]
    fn a_role_is_written_by_its_word() {
        for role in Role::ALL {
            assert_eq!(Role::from_id(role.id()), Some(role));
        }
        assert_eq!(Role::from_id("root"), None);
    }
}
