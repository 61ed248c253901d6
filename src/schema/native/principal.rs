//! Whom a policy of AWS or of Alibaba Cloud names, and who is meant by it.

use crate::addr::arn::{account_of, parts};

/// Somebody a policy may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Principal<'a> {
    Everybody,
    /// The account as a whole: its root, and by it whom the account lets. Empty where it is not known.
    Account(&'a str),
    /// A user, a role or a session, by its ARN; empty where it is not known.
    Member(&'a str),
    /// A user or a role by the id that stands in place of its name.
    UniqueId(&'a str),
    /// A service, or a provider of identities: what kind it is, and its name.
    Outside(&'a str, &'a str),
    /// Nobody here can tell who that is.
    Unclear,
}

impl<'a> Principal<'a> {
    /// Who is named so among principals of a kind. Only among those of accounts is the star everybody, and a number an
    /// account.
    pub(super) fn of(kind: &str, name: &'a str) -> Self {
        match kind {
            "AWS" | "RAM" | "" => Self::of_account(name),
            "Service" => Self::Outside("Service", name),
            "Federated" => Self::Outside("Federated", name),
            // A canonical user is an account, but not one whose number could be read from it.
            _ => Self::Unclear,
        }
    }

    fn of_account(name: &'a str) -> Self {
        if name == "*" {
            return Self::Everybody;
        }
        if let Some(account) = whole_account(name) {
            return Self::Account(account);
        }
        match name {
            _ if name.contains(['*', '?']) => Self::Unclear,
            _ if name.contains(':') || name.is_empty() => Self::Member(name),
            _ => Self::UniqueId(name),
        }
    }

    /// Whether it is somebody who could look after a key.
    pub(super) fn is_somebody(self) -> bool {
        match self {
            // A star is whoever is not denied: strangers, once the account is.
            Self::Everybody | Self::Outside("Service", _) => false,
            Self::Outside(_, name) => name != "*" && !is_number(name),
            _ => true,
        }
    }

    /// The account that it is, or is in; none where that is not told.
    pub(super) fn account(self) -> Option<&'a str> {
        match self {
            Self::Account(account) => Some(account),
            Self::Member(arn) => account_of(arn),
            _ => None,
        }
    }

    /// Whether a statement that names it is about somebody; none where that cannot be told. To deny an account denies
    /// all who are in it; to allow it leaves to the account whom it lets.
    pub(super) fn covers(self, who: Principal<'_>, denies: bool) -> Option<bool> {
        match (self, who) {
            (Self::Everybody, _) => Some(true),
            (Self::Unclear, _)
            | (_, Principal::Unclear)
            | (Self::Account(_), Principal::Account(""))
            | (Self::UniqueId(_), Principal::Member(_)) => None,
            (Self::Account(account), Principal::Account(other)) => Some(account == other),
            (Self::Account(account), Principal::Member(arn)) if denies => {
                account_of(arn).map(|other| account == other)
            }
            (Self::Account(_), Principal::UniqueId(_)) if denies => None,
            (Self::Member(arn), Principal::Member(other)) => is_member(arn, other, denies),
            (Self::UniqueId(id), Principal::UniqueId(other)) => Some(id == other),
            (Self::Outside(kind, name), Principal::Outside(other, its)) => {
                Some(kind == other && (name == "*" || name == its))
            }
            // Whose identity let him take the role cannot be seen.
            (Self::Outside("Federated", name), Principal::Member(arn)) => {
                let may_be = is_session(arn) && !is_number(name);
                (!may_be).then_some(false)
            }
            _ => Some(false),
        }
    }
}

/// Whether what names one member of an account is about another.
fn is_member(named: &str, who: &str, denies: bool) -> Option<bool> {
    if who.is_empty() {
        return None;
    }
    if named == who {
        // A session that is allowed something ends, and the next one may be called otherwise.
        return (denies || !is_session(who)).then_some(true);
    }
    if is_role_of(named, who) {
        return Some(true);
    }
    // Of a role that is denied one session others are left, and whose federated session it is cannot be seen.
    let is_part = is_role_of(who, named) || (who.contains(":federated-user/") && named.contains(":user/"));
    (!(denies && is_part)).then_some(false)
}

/// Whether the ARN is that of somebody for the time of a session.
fn is_session(arn: &str) -> bool {
    arn.contains(":assumed-role/") || arn.contains(":federated-user/")
}

/// Whether the ARN is that of the role in whose session somebody is.
fn is_role_of(role: &str, session: &str) -> bool {
    let both = session
        .contains(":assumed-role/")
        .then(|| (parts(role), parts(session)));
    let Some((Some((account, role)), Some((other, session)))) = both else {
        return false;
    };
    let role = role
        .strip_prefix("role/")
        .and_then(|path| path.rsplit('/').next());
    let session = session
        .strip_prefix("assumed-role/")
        .and_then(|rest| rest.split('/').next());
    account == other && role.is_some() && role == session
}

/// The account that a principal means as a whole: by its number, its root or all that is in it.
fn whole_account(name: &str) -> Option<&str> {
    if is_number(name) {
        return Some(name);
    }
    let is_of_users = name.starts_with("acs:ram::") || name.split(':').nth(2) == Some("iam");
    let (account, rest) = parts(name).filter(|_| is_of_users)?;
    let is_whole = rest == "root" || (rest == "*" && name.starts_with("acs:"));
    (is_whole && is_number(account)).then_some(account)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
