//! What every request passes: who asks, whether it came from a page of ours, what a browser may do
//! with the answer.
//!
//! ```text
//!  request --POST from elsewhere-----------------------> 403
//!     |------/assets, /sign-in-------------------------> page
//!     |------no session: read--> 303 /sign-in   write--> 303 /sign-in, nothing was done
//!     |------first password not changed yet------------> 303 /password
//!     |------not for these roles-----------------------> 403
//!     |------POST without the token of this session----> 403
//!     '------------------------------------------------> page
//! ```
//!
//! All of it stands here, before any page: a page that forgets to ask lets nobody in.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, BodyDataStream, Bytes, to_bytes};
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tokio_stream::Stream;

use super::state::ConsoleState;
use super::trouble::Trouble;
use super::visitor::{Duty, Visitor};
use crate::limits;
use crate::people::Token;
use crate::rules::words::Lang;

/// Nothing from elsewhere, nothing inline, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// A header by which a script of our own pages brings the token of its session along.
const CSRF_HEADER: &str = "x-csrf-token";

/// What a page asks for by itself: no sign of a person.
const BY_ITSELF: [&str; 2] = ["/live", "/session"];

/// Pages for whoever has signed in, whatever their roles.
const EVERYBODYS: [&str; 5] = ["/password", "/language", "/sign-out", "/session", "/session/stay"];

/// Of these, what is there before the first password was changed.
const AT_FIRST: [&str; 3] = ["/password", "/language", "/sign-out"];

/// Lets a request through to its page, or answers it.
pub(super) async fn guard(
    State(state): State<ConsoleState>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let token = token(&state, request.headers());
    let person = !BY_ITSELF.contains(&path.as_str());
    let visitor = token.as_deref().and_then(|token| state.door.visitor(token, person).ok());
    let lang = visitor.as_ref().map_or(asked(request.headers()), |visitor| visitor.lang);
    let mut response = match admit(request, visitor.as_ref(), &path).await {
        Ok(request) => next.run(request).await,
        Err(answer) => *answer,
    };
    // What went wrong is told in the language of whoever asked, inside their own frame.
    let trouble = response.extensions_mut().remove::<Arc<Trouble>>();
    if let Some(trouble) = trouble {
        response = trouble.shown_in(visitor.as_ref(), lang);
    }
    if path == "/live"
        && let Some(token) = token
    {
        response = ending(response, &state, token);
    }
    dressed(response)
}

/// Why a request goes no further, as its answer. Boxed: it is large, and rare.
type Answer = Box<Response>;

/// The request for its page, with who asks; else the answer.
async fn admit(request: Request, visitor: Option<&Visitor>, path: &str) -> Result<Request, Answer> {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    if !reads && !is_ours(request.headers()) {
        return Err(Box::new(Trouble::Foreign.into_response()));
    }
    if path == "/sign-in" || path.starts_with("/assets/") {
        return Ok(with(request, visitor));
    }
    let Some(visitor) = visitor else { return Err(Box::new(sign_in_first(&request, reads))) };
    if visitor.must_change() && !AT_FIRST.contains(&path) {
        return Err(Box::new(Redirect::to("/password").into_response()));
    }
    if path == "/" && !visitor.may(Duty::Look) {
        return Err(Box::new(Redirect::to("/accounts").into_response()));
    }
    if let Err(trouble) = may_enter(visitor, path, reads) {
        return Err(Box::new(trouble.into_response()));
    }
    let request = match reads {
        true => request,
        false => from_its_page(request, visitor).await?,
    };
    Ok(with(request, Some(visitor)))
}

fn with(mut request: Request, visitor: Option<&Visitor>) -> Request {
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor.clone());
    }
    request
}

/// What roles can enter where. Every page asks for its own duty besides.
fn may_enter(visitor: &Visitor, path: &str, reads: bool) -> Result<(), Trouble> {
    if EVERYBODYS.contains(&path) {
        return Ok(());
    }
    if path == "/account-events" {
        return visitor.must(Duty::Audit);
    }
    if path == "/accounts" || path.starts_with("/accounts/") {
        return visitor.must(Duty::Accounts);
    }
    visitor.must(Duty::Look)?;
    match reads || visitor.may_change_blood() {
        true => Ok(()),
        false => Err(Trouble::NotAllowed(Duty::Look)),
    }
}

/// Where to go first. What was to be changed is not done afterwards by itself.
fn sign_in_first(request: &Request, reads: bool) -> Response {
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    match reads && !BY_ITSELF.contains(&request.uri().path()) {
        true if wanted == "/" => Redirect::to("/sign-in").into_response(),
        true => Redirect::to(&format!("/sign-in?next={}", escaped(wanted))).into_response(),
        false if reads => StatusCode::UNAUTHORIZED.into_response(),
        false => Redirect::to("/sign-in?over=1").into_response(),
    }
}

/// Everything but letters, digits and what a path has is escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Whether the browser says that a page of ours sent this: by `Sec-Fetch-Site` where it has that
/// (Fetch Metadata), else by `Origin` (RFC 6454 7). One of the two every browser sends with a form.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let (origin, host) = (text(ORIGIN.as_str()), text(HOST.as_str()));
    let host_of = |origin: &str| {
        let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        rest.map(str::to_ascii_lowercase)
    };
    match (origin.and_then(host_of), host) {
        (Some(origin), Some(host)) => origin == host.to_ascii_lowercase(),
        (_, _) => false,
    }
}

/// The request with its body, where it brings the token of its session along.
async fn from_its_page(request: Request, visitor: &Visitor) -> Result<Request, Answer> {
    let foreign = || Box::new(Trouble::Foreign.into_response());
    if let Some(brought) = request.headers().get(CSRF_HEADER) {
        let is_its = brought.to_str().is_ok_and(|text| visitor.csrf.is(text));
        return if is_its { Ok(request) } else { Err(foreign()) };
    }
    let (parts, body) = request.into_parts();
    let read = to_bytes(body, limits::CONSOLE_BODY_MAX).await;
    let bytes = read.map_err(|_| Box::new(Trouble::TooLong.into_response()))?;
    let copy = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let fields = Form::<Vec<(String, String)>>::from_request(copy, &()).await;
    let fields = fields.map(|Form(fields)| fields).unwrap_or_default();
    let brought = fields.iter().find(|(name, _)| name == "csrf");
    match brought.is_some_and(|(_, text)| visitor.csrf.is(text)) {
        true => Ok(Request::from_parts(parts, Body::from(bytes))),
        false => Err(foreign()),
    }
}

/// The language that a browser asks for; Chinese where it names neither first.
pub(super) fn asked(headers: &HeaderMap) -> Lang {
    let text = headers.get(ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok()).unwrap_or("");
    let named = text.split(',').find_map(|part| {
        let tag = part.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        match tag.split('-').next() {
            Some("zh") => Some(Lang::ZhCn),
            Some("en") => Some(Lang::En),
            _ => None,
        }
    });
    named.unwrap_or(Lang::ZhCn)
}

/// The name of our cookie: with `__Host-` a browser takes it over TLS alone, from this host alone,
/// for all of it (RFC 6265bis 4.1.3.2).
fn cookie_name(state: &ConsoleState) -> &'static str {
    if state.door.is_secure() { "__Host-hemogate" } else { "hemogate" }
}

/// The token that the browser brings.
pub(super) fn token(state: &ConsoleState, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|one| {
        let (name, value) = one.trim().split_once('=')?;
        (name == cookie_name(state)).then(|| value.to_owned())
    });
    pairs.next()
}

/// The cookie for a session; it goes when the browser does.
pub(super) fn set_cookie(state: &ConsoleState, token: &Token) -> [(HeaderName, String); 1] {
    [(SET_COOKIE, cookie(state, token.text()))]
}

/// The cookie of nobody.
pub(super) fn drop_cookie(state: &ConsoleState) -> [(HeaderName, String); 1] {
    [(SET_COOKIE, format!("{}; Max-Age=0", cookie(state, "")))]
}

fn cookie(state: &ConsoleState, value: &str) -> String {
    let secure = if state.door.is_secure() { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}", cookie_name(state))
}

/// Pages are for this browser at this moment; what belongs to the program says otherwise itself.
fn dressed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // Without an origin a form of ours would look like one from elsewhere.
        (REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Told to a page whose session is over; nothing comes after it.
const OVER: &str = "event: over\ndata: {}\n\n";

/// A stream that ends with the session it was opened in, and with the daemon.
fn ending(response: Response, state: &ConsoleState, token: String) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let door = state.door.clone();
    let over = Box::pin(async move { door.over(token).await });
    response.map(|body| {
        let (stream, over) = (body.into_data_stream(), Some(over as Over));
        Body::from_stream(Ending { stream, over })
    })
}

/// Whether the session is over; otherwise the daemon ends.
type Over = Pin<Box<dyn Future<Output = bool> + Send>>;

struct Ending {
    stream: BodyDataStream,
    /// Gone when all is said.
    over: Option<Over>,
}

impl Stream for Ending {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(over) = self.over.as_mut() else { return Poll::Ready(None) };
        if let Poll::Ready(of_session) = over.as_mut().poll(context) {
            self.over = None;
            let last = of_session.then(|| Ok(Bytes::from_static(OVER.as_bytes())));
            return Poll::Ready(last);
        }
        Pin::new(&mut self.stream).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn a_form_is_ours_when_the_browser_says_so_and_never_when_it_says_nothing() {
        let host = ("host", "console.lab:8471");
        for (pairs, ours) in [
            (vec![host, ("origin", "https://console.lab:8471")], true),
            (vec![host, ("origin", "http://CONSOLE.lab:8471")], true),
            (vec![host, ("sec-fetch-site", "same-origin"), ("origin", "https://proxy")], true),
            (vec![host, ("sec-fetch-site", "cross-site")], false),
            (vec![host, ("sec-fetch-site", "same-site")], false),
            (vec![host, ("sec-fetch-site", "none")], false),
            (vec![host, ("origin", "https://console.lab")], false),
            (vec![host, ("origin", "https://console.lab:8471.evil.example")], false),
            (vec![host, ("origin", "null")], false),
            (vec![host], false),
            (vec![], false),
        ] {
            assert_eq!(is_ours(&headers(&pairs)), ours, "{pairs:?}");
        }
    }

    #[test]
    fn a_browser_is_spoken_to_in_its_language() {
        for (accepted, lang) in [
            ("en-US,en;q=0.9,zh;q=0.8", Lang::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::ZhCn),
            ("fr, en;q=0.5", Lang::En),
            ("fr", Lang::ZhCn),
            ("", Lang::ZhCn),
        ] {
            let accepted = HeaderValue::from_static(accepted);
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, accepted)]);
            assert_eq!(asked(&headers), lang);
        }
    }

    #[test]
    fn an_address_inside_an_address_is_escaped() {
        assert_eq!(escaped("/find?q=G1&x=ü"), "/find%3Fq%3DG1%26x%3D%C3%BC");
    }
}
