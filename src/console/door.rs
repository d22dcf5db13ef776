//! Who has an account, who is signed in, and who must wait: what the middleware and the pages about
//! people share.
//!
//! Accounts stand in memory as the store's events say they are; each further event is applied by
//! the writer's thread after its commit, so that memory never knows more than the disk. One change
//! of accounts is checked and written at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex as Turn, Semaphore, oneshot, watch};

use super::putting::committed;
use super::trouble::Trouble;
use super::visitor::Visitor;
use crate::clock::At;
use crate::limits;
use crate::people::{
    Account, Accounts, Act, Actor, Change, Duty, Ended, Event, Lifetimes, Password, Pause, Refusal,
    Sessions, Standing, Throttle, Token, UserId,
};
use crate::rules::words::Lang;
use crate::store::{Store, StoreError, UserEvent};

/// Under this name stand refusals of names that nobody has; what was typed is not kept: people type
/// passwords into the wrong field.
const NOBODY: &str = "-";

/// Where time comes from.
pub type Now = Arc<dyn Fn() -> At + Send + Sync>;

/// How people get in.
#[derive(Clone)]
pub struct DoorPlan {
    /// How long a session lasts.
    pub lifetimes: Lifetimes,
    /// Whether browsers reach us over TLS, ours or a proxy's.
    pub secure: bool,
    /// Where time comes from.
    pub now: Now,
}

/// Accounts, sessions and pauses; cheap to clone.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    store: Store,
    plan: DoorPlan,
    accounts: RwLock<Accounts>,
    recent: Mutex<VecDeque<Noted>>,
    sessions: Mutex<Sessions>,
    throttle: Mutex<Throttle>,
    /// Whose turn it is to change an account.
    turn: Arc<Turn<()>>,
    /// Passwords looked at at once: each takes memory and a core.
    hashing: Semaphore,
    /// Moves when a session may have ended; true when all of them do.
    moved: watch::Sender<bool>,
}

/// An event as the page of events shows it.
#[derive(Clone, Debug)]
pub(super) struct Noted {
    pub(super) at: Timestamp,
    pub(super) user: String,
    pub(super) by: String,
    pub(super) kind: String,
    /// What it was about; never a password's hash.
    pub(super) about: String,
}

/// Why a password let nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// Too many wrong ones: so long none is looked at.
    Pause(Duration),
    /// Name or password is wrong.
    Wrong,
    /// The password is right and the account may not be used.
    Standing(Standing),
}

impl Door {
    /// Reads the accounts of a store. Reads the disk: not for a thread that serves requests.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn open(store: &Store, plan: DoorPlan) -> Result<Door, StoreError> {
        let (mut accounts, mut recent) = (Accounts::default(), VecDeque::new());
        for event in store.user_events()? {
            note(&mut recent, Noted::of(&event));
            match read(&event) {
                Some(Ok(event)) => accounts.apply(&event),
                Some(Err(unreadable)) => tracing::warn!("{unreadable}"),
                None => {}
            }
        }
        let (moved, _) = watch::channel(false);
        Ok(Door(Arc::new(Inner {
            store: store.clone(),
            sessions: Mutex::new(Sessions::new(plan.lifetimes)),
            plan,
            accounts: RwLock::new(accounts),
            recent: Mutex::new(recent),
            throttle: Mutex::default(),
            turn: Arc::default(),
            hashing: Semaphore::new(limits::PASSWORDS_AT_ONCE),
            moved,
        })))
    }

    /// The time.
    pub(super) fn now(&self) -> At {
        (self.0.plan.now)()
    }

    /// Whether browsers reach us over TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.0.plan.secure
    }

    /// Looks at the accounts; not for long.
    pub(super) fn accounts<T>(&self, look: impl FnOnce(&Accounts) -> T) -> T {
        look(&self.0.accounts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The latest events, newest first.
    pub(super) fn recent(&self) -> Vec<Noted> {
        held(&self.0.recent).iter().rev().cloned().collect()
    }

    /// Who holds this token. `person`: somebody did something; otherwise a page asked by itself.
    pub(super) fn visitor(&self, token: &str, person: bool) -> Result<Visitor, Ended> {
        let now = self.now();
        let mut sessions = held(&self.0.sessions);
        let session = match person {
            true => sessions.visit(token, now.moment)?,
            false => sessions.look(token, now.moment)?,
        };
        let left = sessions.left(&session, now.moment);
        let account = self.accounts(|accounts| accounts.find(session.user()).cloned());
        match account.filter(|account| account.standing(now.utc) == Standing::Open) {
            Some(account) => Ok(visitor(&account, session.csrf(), left)),
            None => {
                sessions.end_all(session.user());
                Err(Ended::Unknown)
            }
        }
    }

    /// Returns when this token opens nothing any more, which is true, or the daemon ends.
    pub(super) async fn over(&self, token: String) -> bool {
        let mut moved = self.0.moved.subscribe();
        while !*moved.borrow_and_update() {
            if self.visitor(&token, false).is_err() {
                return true;
            }
            let look_again = limits::SESSION_LOOK_EVERY;
            // Whichever comes first, the loop looks again.
            let _elapsed = tokio::time::timeout(look_again, moved.changed()).await;
        }
        false
    }

    /// Ends what stays open by itself: the daemon stops.
    pub fn close(&self) {
        self.0.moved.send_replace(true);
    }

    /// Signs somebody in; the token is for the cookie.
    pub(super) async fn sign_in(
        &self,
        name: &str,
        password: Password,
    ) -> Result<Result<Token, Denied>, Trouble> {
        let user = match self.prove(name, password, Act::SignIn).await? {
            Ok(user) => user,
            Err(denied) => return Ok(Err(denied)),
        };
        self.note(&user, Change::SignedIn).await?;
        Ok(Ok(self.begin(&user)?))
    }

    /// A new session; whoever asks has proved who they are.
    pub(super) fn begin(&self, user: &UserId) -> Result<Token, Trouble> {
        let now = self.now().moment;
        let begun = held(&self.0.sessions).begin(user, now);
        begun.map_err(|error| Trouble::Unmade(error.to_string()))
    }

    /// Ends the session of this token.
    pub(super) fn end(&self, token: &str) {
        held(&self.0.sessions).end(token);
        self.0.moved.send_modify(|_| {});
    }

    /// Ends every session of somebody.
    pub(super) fn end_all(&self, user: &UserId) {
        held(&self.0.sessions).end_all(user);
        self.0.moved.send_modify(|_| {});
    }

    /// Wrong passwords in a row at the moment of signing.
    pub(super) fn wrong_signatures(&self, user: &UserId) -> u32 {
        held(&self.0.throttle).wrong_times(user.as_str(), Act::Sign)
    }

    /// Whether the password is that of the name. What was wrong is put on record.
    pub(super) async fn prove(
        &self,
        name: &str,
        password: Password,
        act: Act,
    ) -> Result<Result<UserId, Denied>, Trouble> {
        let now = self.now();
        let begun = held(&self.0.throttle).begin(name, act, now.moment);
        if let Err(Pause { left }) = begun {
            return Ok(Err(Denied::Pause(left)));
        }
        let user = UserId::read(name).ok();
        let account = user.and_then(|user| self.accounts(|all| all.find(&user).cloned()));
        let fits = self.fits(account.clone(), password).await?;
        let standing = account.as_ref().map(|account| account.standing(now.utc));
        match (account, standing) {
            (Some(account), Some(Standing::Open)) if fits => {
                held(&self.0.throttle).right(name, act);
                Ok(Ok(account.user().clone()))
            }
            (Some(account), Some(standing)) if fits => {
                self.refuse(account.user().as_str(), word_of(standing)).await?;
                Ok(Err(Denied::Standing(standing)))
            }
            (account, _) => {
                let name = account.as_ref().map_or(NOBODY, |account| account.user().as_str());
                let why = match act {
                    Act::SignIn => "sign-in",
                    Act::Sign => "signature",
                };
                self.refuse(name, why).await?;
                Ok(Err(Denied::Wrong))
            }
        }
    }

    /// The work of looking at a password, on a thread that may take its time.
    async fn fits(&self, account: Option<Account>, password: Password) -> Result<bool, Trouble> {
        let Ok(_permit) = self.0.hashing.acquire().await else { return Err(Trouble::Stopping) };
        let work = move || Account::opens(account.as_ref(), &password);
        tokio::task::spawn_blocking(work).await.map_err(|_| Trouble::Stopping)
    }

    /// What is to be kept of a password.
    pub(super) async fn seal(
        &self,
        user: &UserId,
        password: Password,
    ) -> Result<Result<crate::people::Sealed, crate::people::PasswordFault>, Trouble> {
        let Ok(_permit) = self.0.hashing.acquire().await else { return Err(Trouble::Stopping) };
        let user = user.clone();
        let work = move || password.seal(&user);
        tokio::task::spawn_blocking(work).await.map_err(|_| Trouble::Stopping)
    }

    /// Puts a change of an account on record, where `by` may make it; it counts when this returns.
    /// Whoever has another password, other roles or an end is signed out everywhere.
    pub(super) async fn change(
        &self,
        user: &UserId,
        change: Change,
        by: &UserId,
    ) -> Result<Result<(), Refusal>, Trouble> {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        let event = Event { user: user.clone(), change, at: self.now().utc };
        let checked = self.accounts(|accounts| accounts.check(&event, Actor::Person(by)));
        if let Err(refusal) = checked {
            return Ok(Err(refusal));
        }
        let (tell, told) = oneshot::channel();
        let door = self.clone();
        let kept = kept(&event, by.as_str());
        let noted = Noted::of(&kept);
        self.0.store.put_user_event(
            kept,
            Box::new(move |outcome| {
                if outcome.is_ok() {
                    door.apply(&event, noted);
                }
                drop(turn);
                // Who does not wait any more finds it done.
                let _gone = tell.send(outcome);
            }),
        );
        committed(told).await.map(|_number| Ok(()))
    }

    /// Notes that somebody signed in.
    async fn note(&self, user: &UserId, change: Change) -> Result<(), Trouble> {
        let changed = self.change(user, change, user).await?;
        changed.map_err(|refusal| Trouble::Unmade(refusal.to_string()))
    }

    /// Notes that somebody was not let in.
    async fn refuse(&self, name: &str, why: &str) -> Result<(), Trouble> {
        let change = Change::Refused(why.to_owned());
        let event = UserEvent {
            id: 0,
            name: name.to_owned(),
            kind: change.kind().to_owned(),
            payload: change.detail(),
            made_by: name.to_owned(),
            made_at: self.now().utc,
        };
        let (tell, told) = oneshot::channel();
        let (door, noted) = (self.clone(), Noted::of(&event));
        self.0.store.put_user_event(
            event,
            Box::new(move |outcome| {
                if outcome.is_ok() {
                    note(&mut held(&door.0.recent), noted);
                }
                // Who does not wait any more was refused all the same.
                let _gone = tell.send(outcome);
            }),
        );
        committed(told).await.map(|_number| ())
    }

    fn apply(&self, event: &Event, noted: Noted) {
        self.0.accounts.write().unwrap_or_else(PoisonError::into_inner).apply(event);
        note(&mut held(&self.0.recent), noted);
        match &event.change {
            Change::Password { .. } | Change::Roles(_) | Change::Closed => {
                self.end_all(&event.user);
            }
            Change::Added(_)
            | Change::Name(_)
            | Change::Language(_)
            | Change::Expires(_)
            | Change::SignedIn
            | Change::Refused(_) => {}
        }
    }
}

impl Noted {
    fn of(event: &UserEvent) -> Noted {
        let about = match read(event) {
            Some(Ok(read)) => about(&read.change),
            Some(Err(_)) | None => String::new(),
        };
        let (user, by) = (event.name.clone(), event.made_by.clone());
        Noted { at: event.made_at, user, by, kind: event.kind.clone(), about }
    }
}

/// What an event is about, in ids.
fn about(change: &Change) -> String {
    match change {
        Change::Added(new) => new.roles.to_string(),
        Change::Roles(roles) => roles.to_string(),
        Change::Name(name) => name.to_string(),
        Change::Language(language) => language.clone(),
        Change::Expires(day) => day.map_or_else(String::new, |day| day.to_string()),
        Change::Refused(why) => why.clone(),
        Change::Password { .. } | Change::Closed | Change::SignedIn => String::new(),
    }
}

/// `None` for what is nobody's.
fn read(event: &UserEvent) -> Option<Result<Event, crate::people::Unreadable>> {
    (event.name != NOBODY)
        .then(|| Event::read(&event.name, &event.kind, &event.payload, event.made_at))
}

fn kept(event: &Event, by: &str) -> UserEvent {
    UserEvent {
        id: 0,
        name: event.user.as_str().to_owned(),
        kind: event.change.kind().to_owned(),
        payload: event.change.detail(),
        made_by: by.to_owned(),
        made_at: event.at,
    }
}

fn note(recent: &mut VecDeque<Noted>, noted: Noted) {
    if recent.len() >= limits::ACCOUNT_EVENTS_SHOWN {
        recent.pop_front();
    }
    recent.push_back(noted);
}

const fn word_of(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Expired => "expired",
        Standing::Closed => "closed",
        Standing::Stale => "stale",
    }
}

fn visitor(account: &Account, csrf: &Token, left: Duration) -> Visitor {
    let duties = Duty::ALL.into_iter().filter(|duty| account.may(*duty)).collect();
    Visitor::new(
        account.user().clone(),
        account.name().as_str().to_owned(),
        Lang::from_id(account.language()).unwrap_or(Lang::ZhCn),
        csrf.clone(),
        duties,
    )
    .within(account.must_change(), left)
}

/// A panic elsewhere leaves these plain collections whole.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
