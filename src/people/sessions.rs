//! Who is signed in: in memory alone, so that a restart signs everybody out.
//!
//! ```text
//!  begin --> open --idle too long--------.
//!             |  --older than it may be--+--> over: the token opens nothing any more
//!             '  --signed out, closed, --'
//!                  password or roles changed
//! ```
//!
//! A browser holds the token, we hold its hash: who reads our memory signs in as nobody. What a
//! page asks for by itself, to stay live, is no sign of a person and keeps no session open.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use super::UserId;
use super::token::{Token, TokenHash, hash};
use crate::limits;
use crate::link::Moment;

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without a sign of the person.
    pub idle: Duration,
    /// At most.
    pub absolute: Duration,
}

/// The system gives no random numbers: nobody can be signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the system gives no random numbers: nobody can sign in")]
pub struct NoRandom;

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// We never gave it, or its session was ended.
    Unknown,
    /// Nobody did anything for too long.
    Idle,
    /// It was open for as long as one may be.
    Old,
}

/// One session.
#[derive(Clone, Debug)]
pub struct Session {
    user: UserId,
    csrf: Token,
    begun: Moment,
    active: Moment,
}

/// Every session that is open.
#[derive(Debug)]
pub struct Sessions {
    lifetimes: Lifetimes,
    open: BTreeMap<TokenHash, Session>,
}

impl Sessions {
    /// None yet.
    pub const fn new(lifetimes: Lifetimes) -> Sessions {
        Sessions { lifetimes, open: BTreeMap::new() }
    }

    /// Signs somebody in; the token goes to the browser and nowhere else. Of too many sessions the
    /// one ends that was idle for longest: first of the same person, then of all.
    ///
    /// # Errors
    /// [`NoRandom`].
    pub fn begin(&mut self, user: &UserId, now: Moment) -> Result<Token, NoRandom> {
        let token = Token::new().ok_or(NoRandom)?;
        let csrf = Token::new().ok_or(NoRandom)?;
        self.sweep(now);
        let own = |session: &Session| session.user == *user;
        if self.open.values().filter(|session| own(session)).count() >= limits::SESSIONS_EACH_MAX {
            self.end_idlest(own);
        }
        if self.open.len() >= limits::SESSIONS_MAX {
            self.end_idlest(|_| true);
        }
        let session = Session { user: user.clone(), csrf, begun: now, active: now };
        self.open.insert(hash(token.text()), session);
        Ok(token)
    }

    /// The session of this token, where it is open; a sign of the person.
    ///
    /// # Errors
    /// Why not.
    pub fn visit(&mut self, token: &str, now: Moment) -> Result<Session, Ended> {
        let lifetimes = self.lifetimes;
        let key = hash(token);
        let session = self.open.get_mut(&key).ok_or(Ended::Unknown)?;
        if let Some(ended) = session.ended(lifetimes, now) {
            self.open.remove(&key);
            return Err(ended);
        }
        session.active = now;
        Ok(session.clone())
    }

    /// As [`Sessions::visit`], but no sign of the person: what a page asks for by itself.
    ///
    /// # Errors
    /// Why not.
    pub fn look(&self, token: &str, now: Moment) -> Result<Session, Ended> {
        let session = self.open.get(&hash(token)).ok_or(Ended::Unknown)?;
        match session.ended(self.lifetimes, now) {
            Some(ended) => Err(ended),
            None => Ok(session.clone()),
        }
    }

    /// Ends the session of this token.
    pub fn end(&mut self, token: &str) {
        self.open.remove(&hash(token));
    }

    /// Ends every session of somebody.
    pub fn end_all(&mut self, user: &UserId) {
        self.open.retain(|_, session| session.user != *user);
    }

    /// When this session ends if nobody does anything.
    pub fn left(&self, session: &Session, now: Moment) -> Duration {
        session.until(self.lifetimes).since_start().saturating_sub(now.since_start())
    }

    /// How many are open, as far as we know.
    pub fn count(&self) -> usize {
        self.open.len()
    }

    fn sweep(&mut self, now: Moment) {
        let lifetimes = self.lifetimes;
        self.open.retain(|_, session| session.ended(lifetimes, now).is_none());
    }

    fn end_idlest(&mut self, among: impl Fn(&Session) -> bool) {
        let sessions = self.open.iter().filter(|(_, session)| among(session));
        let idlest = sessions.min_by_key(|(_, session)| session.active).map(|(key, _)| *key);
        if let Some(key) = idlest {
            self.open.remove(&key);
        }
    }
}

impl Session {
    /// Whose.
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// What every form of this session brings along.
    pub const fn csrf(&self) -> &Token {
        &self.csrf
    }

    fn ended(&self, lifetimes: Lifetimes, now: Moment) -> Option<Ended> {
        if now >= self.begun.plus(lifetimes.absolute) {
            Some(Ended::Old)
        } else if now >= self.active.plus(lifetimes.idle) {
            Some(Ended::Idle)
        } else {
            None
        }
    }

    fn until(&self, lifetimes: Lifetimes) -> Moment {
        self.active.plus(lifetimes.idle).min(self.begun.plus(lifetimes.absolute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn sessions() -> Sessions {
        Sessions::new(Lifetimes { idle: 15 * MINUTE, absolute: 12 * 60 * MINUTE })
    }

    fn at(minutes: u32) -> Moment {
        Moment::after(minutes * MINUTE)
    }

    fn user(name: &str) -> UserId {
        UserId::read(name).unwrap()
    }

    #[test]
    fn a_session_ends_when_nobody_does_anything() {
        let mut sessions = sessions();
        let token = sessions.begin(&user("li.na"), at(0)).unwrap();
        let session = sessions.visit(token.text(), at(14)).unwrap();
        assert_eq!(sessions.left(&session, at(14)), 15 * MINUTE);
        assert!(sessions.visit(token.text(), at(28)).is_ok());
        assert_eq!(sessions.visit(token.text(), at(43)).unwrap_err(), Ended::Idle);
        assert_eq!(sessions.visit(token.text(), at(43)).unwrap_err(), Ended::Unknown);
    }

    #[test]
    fn a_page_that_stays_live_by_itself_keeps_no_session_open() {
        let mut sessions = sessions();
        let token = sessions.begin(&user("li.na"), at(0)).unwrap();
        for minute in 1..15 {
            assert!(sessions.look(token.text(), at(minute)).is_ok());
        }
        assert_eq!(sessions.look(token.text(), at(15)).unwrap_err(), Ended::Idle);
        assert!(sessions.visit(token.text(), at(15)).is_err());
    }

    #[test]
    fn a_session_ends_after_its_longest_time_however_busy_it_was() {
        let mut sessions = sessions();
        let token = sessions.begin(&user("li.na"), at(0)).unwrap();
        for minute in (0..12 * 60).step_by(10) {
            assert!(sessions.visit(token.text(), at(minute)).is_ok());
        }
        let session = sessions.visit(token.text(), at(719)).unwrap();
        assert_eq!(sessions.left(&session, at(719)), MINUTE);
        assert_eq!(sessions.visit(token.text(), at(720)).unwrap_err(), Ended::Old);
    }

    #[test]
    fn signing_out_ends_one_session_and_closing_an_account_ends_all_of_it() {
        let mut sessions = sessions();
        let tokens: Vec<Token> =
            (0..3).map(|_| sessions.begin(&user("li.na"), at(0)).unwrap()).collect();
        let other = sessions.begin(&user("wang"), at(0)).unwrap();
        sessions.end(tokens[0].text());
        let open = |sessions: &Sessions, token: &Token| sessions.look(token.text(), at(1)).is_ok();
        assert_eq!(tokens.iter().filter(|token| open(&sessions, token)).count(), 2);
        sessions.end_all(&user("li.na"));
        assert!(tokens.iter().all(|token| !open(&sessions, token)));
        assert!(open(&sessions, &other));
    }

    #[test]
    fn sessions_are_bounded_for_each_person_and_in_all() {
        let mut sessions = sessions();
        let first = sessions.begin(&user("li.na"), at(0)).unwrap();
        for _ in 0..limits::SESSIONS_EACH_MAX {
            sessions.begin(&user("li.na"), at(1)).unwrap();
        }
        assert_eq!(sessions.count(), limits::SESSIONS_EACH_MAX);
        assert!(sessions.look(first.text(), at(1)).is_err());
        for n in 0..=limits::SESSIONS_MAX {
            sessions.begin(&user(&format!("user{n}")), at(2)).unwrap();
        }
        assert_eq!(sessions.count(), limits::SESSIONS_MAX);
    }

    #[test]
    fn neither_the_token_nor_its_hash_is_shown_or_kept() {
        let mut sessions = sessions();
        let token = sessions.begin(&user("li.na"), at(0)).unwrap();
        let session = sessions.visit(token.text(), at(0)).unwrap();
        assert!(!format!("{session:?}").contains(session.csrf().text()));
        assert!(!format!("{sessions:?}").contains(token.text()));
        assert!(!session.csrf().is(token.text()));
    }
}
