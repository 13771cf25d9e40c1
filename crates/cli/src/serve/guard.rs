//! Who may ask: the page that this program served, on this machine.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::desk::Desk;

/// Nothing takes longer, a slow sender included.
const LONGEST: Duration = Duration::from_secs(120);

/// What every answer says about itself: it is not to be kept, framed, or to
/// load anything from elsewhere.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// A word that nobody can guess, new at every start.
pub(super) fn token() -> Result<String, String> {
    let mut bytes = [0u8; 24];
    getrandom::fill(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

/// Lets a request through, or says why not.
pub(super) async fn guard(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let refused = refused(request.headers(), request.uri(), &desk.token, desk.port);
    let mut response = match (refused, desk.visitors.try_acquire()) {
        (Some(why), _) => (StatusCode::FORBIDDEN, why).into_response(),
        (None, Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, "too many questions at once").into_response(),
        (None, Ok(_visitor)) => match tokio::time::timeout(LONGEST, next.run(request)).await {
            Ok(response) => response,
            Err(_) => (StatusCode::REQUEST_TIMEOUT, "this took too long").into_response(),
        },
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refused(headers: &HeaderMap, uri: &Uri, token: &str, port: u16) -> Option<&'static str> {
    let text = |name: &HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    // Another name that leads here is another page's trick.
    if text(&header::HOST).is_none_or(|host| ours.iter().all(|o| o != host)) {
        return Some("this address is not served here");
    }
    let ours = ours.map(|o| format!("http://{o}"));
    if headers.contains_key(header::ORIGIN)
        && text(&header::ORIGIN).is_none_or(|origin| ours.iter().all(|o| o != origin))
    {
        return Some("only this program's own page may ask");
    }
    if matches!(uri.path(), "/desk.js" | "/desk.css") {
        return None;
    }
    let stated = headers.get("x-outlay-token").map(|v| v.as_bytes().to_owned()).or_else(|| {
        let query = uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == "token").map(|(_, value)| value.into_owned().into_bytes())
    });
    let known = stated.is_some_and(|stated| same(&stated, token.as_bytes()));
    (!known)
        .then_some("open the address that `outlay serve` printed: its token is missing or of another start")
}

/// Compares without telling by its time how much is right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_refused() {
        let ask = |host: &str, origin: Option<&str>, uri: &str, header: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().expect("a value"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().expect("a value"));
            }
            if let Some(token) = header {
                headers.insert("x-outlay-token", token.parse().expect("a value"));
            }
            refused(&headers, &uri.parse().expect("a URI"), "secret", 7000).is_none()
        };
        let here = "127.0.0.1:7000";
        assert!(ask(here, None, "/?token=secret", None) && ask("localhost:7000", None, "/", Some("secret")));
        assert!(ask(here, Some("http://127.0.0.1:7000"), "/plan", Some("secret")));
        assert!(!ask(here, None, "/", None) && !ask(here, None, "/?token=secrex", None));
        assert!(!ask(here, None, "/?token=", None) && !ask(here, None, "/?token=secret1", None));
        assert!(!ask("evil.example:7000", None, "/?token=secret", None));
        assert!(
            !ask("127.0.0.1:7001", None, "/?token=secret", None)
                && !ask("127.0.0.1", None, "/?token=secret", None)
        );
        assert!(!ask(here, Some("http://evil.example"), "/?token=secret", None));
        assert!(!ask(here, Some("null"), "/?token=secret", None));
        assert!(ask(here, None, "/desk.js", None) && !ask("evil.example", None, "/desk.js", None));
        // A wrong header is not mended by an address.
        assert!(!ask(here, None, "/?token=secret", Some("other")));
    }
}
