//! Accounts: added, given other roles, prolonged and closed by an administrator; never deleted.
//! What happened to them, for whoever audits.
//!
//! Every change asks for the administrator's password at that moment. Refuses what
//! `people::Accounts::check` refuses: the end of the last administrator, one's own roles.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use super::door::Noted;
use super::page::{Page, shown};
use super::sign;
use super::sign_in::{fault_key, refusal};
use super::state::ConsoleState;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::people::{
    Account, Change, FullName, NewAccount, Password, PasswordFault, Role, Roles, Sealed, Standing,
    UserId,
};
use crate::rules::words::Lang;

/// Its pages.
pub(super) fn routes() -> Router<ConsoleState> {
    Router::new()
        .route("/accounts", get(all).post(add))
        .route("/accounts/{user}", get(one))
        .route("/accounts/{user}/roles", post(roles))
        .route("/accounts/{user}/expires", post(expires))
        .route("/accounts/{user}/name", post(name))
        .route("/accounts/{user}/password", post(password))
        .route("/accounts/{user}/close", post(close))
        .route("/account-events", get(events))
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    page: Page,
    accounts: Vec<Row>,
    every_role: [&'static str; 5],
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    page: Page,
    account: Row,
    own: bool,
    every_role: [&'static str; 5],
}

#[derive(Template)]
#[template(path = "account_made.html")]
struct MadePage {
    page: Page,
    user: String,
    name: String,
    password: String,
}

#[derive(Template)]
#[template(path = "account_events.html")]
struct EventsPage {
    page: Page,
    user: String,
    events: Vec<EventRow>,
}

/// An account as a page shows it.
struct Row {
    user: String,
    name: String,
    roles: Vec<&'static str>,
    standing: &'static str,
    expires: String,
    signed_in: String,
    added: String,
    waits: bool,
}

/// An event as a page shows it.
struct EventRow {
    at: String,
    user: String,
    by: String,
    kind: String,
    about: String,
}

impl Row {
    fn of(account: &Account, utc: Timestamp) -> Row {
        let day = account.expires().map_or_else(String::new, |day| day.to_string());
        Row {
            user: account.user().as_str().to_owned(),
            name: account.name().as_str().to_owned(),
            roles: account.roles().iter().map(Role::id).collect(),
            standing: standing(account.standing(utc)),
            expires: day,
            signed_in: account.signed_in_at().map_or_else(String::new, minute),
            added: minute(account.added_at()),
            waits: account.must_change(),
        }
    }

    fn is_closed(&self) -> bool {
        self.standing == "closed"
    }

    fn has(&self, role: &str) -> bool {
        self.roles.contains(&role)
    }

    /// Colour and shape beside the word.
    fn kind(&self) -> &'static str {
        match self.standing {
            "open" => "good",
            "closed" => "wait",
            _ => "warn",
        }
    }

    fn mark(&self) -> &'static str {
        match self.standing {
            "open" => "✔",
            "closed" => "✖",
            _ => "▲",
        }
    }
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Expired => "expired",
        Standing::Closed => "closed",
        Standing::Stale => "stale",
    }
}

/// To the minute, UTC.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Ids of the roles, for the forms.
fn every_role() -> [&'static str; 5] {
    Role::ALL.map(Role::id)
}

#[derive(Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

async fn all(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Accounts)?;
    let utc = state.door.now().utc;
    let row = |account: &Account| Row::of(account, utc);
    let accounts = state.door.accounts(|all| all.iter().map(row).collect());
    shown(&AccountsPage { page: told(&visitor, &done), accounts, every_role: every_role() })
}

fn told(visitor: &Visitor, done: &Done) -> Page {
    let page = Page::new(Some(visitor), "accounts");
    match done.done.is_empty() {
        true => page,
        false => {
            let words = page.say("people-done");
            page.telling("good", words)
        }
    }
}

async fn one(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(user): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Accounts)?;
    let utc = state.door.now().utc;
    let user = known(&user)?;
    let found = state.door.accounts(|all| all.find(&user).map(|account| Row::of(account, utc)));
    let account = found.ok_or_else(|| Trouble::NotFound(user.to_string()))?;
    let own = visitor.id() == &user;
    shown(&AccountPage { page: told(&visitor, &done), account, own, every_role: every_role() })
}

/// The form that adds somebody; a box for each role.
#[derive(Deserialize)]
struct Added {
    user: String,
    name: String,
    language: String,
    #[serde(default)]
    expires: String,
    technician: Option<String>,
    reviewer: Option<String>,
    quality: Option<String>,
    administrator: Option<String>,
    auditor: Option<String>,
    password: String,
}

impl Added {
    fn roles(&self) -> Result<Roles, Trouble> {
        let boxes = [
            (&self.technician, Role::Technician),
            (&self.reviewer, Role::Reviewer),
            (&self.quality, Role::Quality),
            (&self.administrator, Role::Administrator),
            (&self.auditor, Role::Auditor),
        ];
        together(boxes)
    }
}

fn together(boxes: [(&Option<String>, Role); 5]) -> Result<Roles, Trouble> {
    let ticked = boxes.into_iter().filter(|(ticked, _)| ticked.is_some());
    let roles = Roles::of(ticked.map(|(_, role)| role));
    roles.map_err(|_| Trouble::Refused("people-refused-roles", String::new()))
}

async fn add(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Form(form): Form<Added>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Accounts)?;
    let user = UserId::read(&form.user);
    let user = user.map_err(|_| Trouble::Refused("people-refused-user", form.user.clone()))?;
    let name = called(&form.name)?;
    let language = Lang::from_id(&form.language).unwrap_or(Lang::ZhCn).id().to_owned();
    let (roles, expires) = (form.roles()?, day(&form.expires)?);
    sign::check(&state, &visitor, &form.password).await?;
    let (made, sealed) = first_password(&state, &user).await?;
    let shown_name = name.to_string();
    let new = NewAccount { name, roles, language, expires, sealed, once: true };
    put(&state, &visitor, &user, Change::Added(Box::new(new))).await?;
    made_page(&visitor, &user, shown_name, &made)
}

/// A first password, and what is kept of it.
async fn first_password(
    state: &ConsoleState,
    user: &UserId,
) -> Result<(Password, Sealed), Trouble> {
    let unmade = |fault: PasswordFault| Trouble::Refused(fault_key(fault), String::new());
    let made = Password::made().map_err(unmade)?;
    let sealed = state.door.seal(user, made.clone()).await?.map_err(unmade)?;
    Ok((made, sealed))
}

/// The only page on which a password that we made is ever shown.
fn made_page(
    visitor: &Visitor,
    user: &UserId,
    name: String,
    made: &Password,
) -> Result<Response, Trouble> {
    let (user, password) = (user.to_string(), made.reveal_once().to_owned());
    shown(&MadePage { page: Page::new(Some(visitor), "accounts"), user, name, password })
}

#[derive(Deserialize)]
struct RolesForm {
    technician: Option<String>,
    reviewer: Option<String>,
    quality: Option<String>,
    administrator: Option<String>,
    auditor: Option<String>,
    password: String,
}

async fn roles(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(user): Path<String>,
    Form(form): Form<RolesForm>,
) -> Result<Response, Trouble> {
    let roles = together([
        (&form.technician, Role::Technician),
        (&form.reviewer, Role::Reviewer),
        (&form.quality, Role::Quality),
        (&form.administrator, Role::Administrator),
        (&form.auditor, Role::Auditor),
    ])?;
    change(&state, &visitor, &user, &form.password, Change::Roles(roles)).await
}

#[derive(Deserialize)]
struct OneField {
    #[serde(default)]
    value: String,
    password: String,
}

async fn expires(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(user): Path<String>,
    Form(form): Form<OneField>,
) -> Result<Response, Trouble> {
    let last = day(&form.value)?;
    change(&state, &visitor, &user, &form.password, Change::Expires(last)).await
}

async fn name(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(user): Path<String>,
    Form(form): Form<OneField>,
) -> Result<Response, Trouble> {
    let name = called(&form.value)?;
    change(&state, &visitor, &user, &form.password, Change::Name(name)).await
}

async fn close(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(user): Path<String>,
    Form(form): Form<OneField>,
) -> Result<Response, Trouble> {
    change(&state, &visitor, &user, &form.password, Change::Closed).await
}

/// Another first password, for whoever forgot theirs.
async fn password(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Path(user): Path<String>,
    Form(form): Form<OneField>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Accounts)?;
    let user = known(&user)?;
    sign::check(&state, &visitor, &form.password).await?;
    let (made, sealed) = first_password(&state, &user).await?;
    put(&state, &visitor, &user, Change::Password { sealed, once: true }).await?;
    let name = state.door.accounts(|all| all.find(&user).map(|one| one.name().to_string()));
    made_page(&visitor, &user, name.unwrap_or_default(), &made)
}

/// Makes a change that needs nothing but the administrator's password.
async fn change(
    state: &ConsoleState,
    visitor: &Visitor,
    user: &str,
    password: &str,
    change: Change,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Accounts)?;
    let user = known(user)?;
    sign::check(state, visitor, password).await?;
    put(state, visitor, &user, change).await?;
    Ok(Redirect::to(&format!("/accounts/{user}?done=1")).into_response())
}

async fn put(
    state: &ConsoleState,
    visitor: &Visitor,
    user: &UserId,
    change: Change,
) -> Result<(), Trouble> {
    state.door.change(user, change, visitor.id()).await?.map_err(refusal)
}

fn known(user: &str) -> Result<UserId, Trouble> {
    UserId::read(user).map_err(|_| Trouble::NotFound(user.to_owned()))
}

fn called(name: &str) -> Result<FullName, Trouble> {
    FullName::read(name).map_err(|_| Trouble::Refused("people-refused-name", String::new()))
}

/// The last day, where one is given.
fn day(text: &str) -> Result<Option<Date>, Trouble> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| Trouble::Refused("people-refused-day", text.to_owned());
    text.parse().map(Some).map_err(wrong)
}

#[derive(Deserialize)]
struct Of {
    #[serde(default)]
    user: String,
}

async fn events(
    State(state): State<ConsoleState>,
    visitor: Visitor,
    Query(of): Query<Of>,
) -> Result<Response, Trouble> {
    visitor.must(Duty::Audit)?;
    let page = Page::new(Some(&visitor), "events");
    let asked = of.user.trim().to_ascii_lowercase();
    let wanted = |noted: &Noted| asked.is_empty() || noted.user == asked || noted.by == asked;
    let noted = state.door.recent().into_iter().filter(wanted);
    let events = noted.map(|noted| event_row(&page, noted)).collect();
    shown(&EventsPage { page, user: asked, events })
}

fn event_row(page: &Page, noted: Noted) -> EventRow {
    let role = |id: &str| page.word("people-role", id);
    let about = match noted.kind.as_str() {
        "added" | "roles" => noted.about.split(", ").map(role).collect::<Vec<_>>().join(", "),
        "refused" => page.word("people-why", &noted.about),
        _ => noted.about,
    };
    EventRow {
        at: noted.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        user: noted.user,
        by: noted.by,
        kind: page.word("people-event", &noted.kind),
        about,
    }
}
