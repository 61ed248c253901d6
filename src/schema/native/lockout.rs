//! Who keeps an action on a key when its policy changes: yes, no, or what cannot be told here.
//!
//! This is no whole evaluation: conditions and principals that are named by what they are not are left undecided, and
//! so is what a policy of another kind may add.

use std::collections::BTreeSet;

use super::policy::{Document, Statement, fits};
use super::principal::Principal;

const ALLOW: &str = "allow";
const DENY: &str = "deny";

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Empty where it is not known.
    pub arn: String,
    /// The number of the account; empty where it is not known.
    pub account: String,
}

/// Who can still do something under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The caller, or the account as a whole.
    Kept,
    /// Neither of these for sure, but these others.
    Others(Vec<String>),
    /// Nobody.
    Lost,
    /// It depends on these statements.
    Undecidable(Vec<String>),
}

/// What a policy says of one principal and one action.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Perhaps(BTreeSet<String>),
}

impl Answer {
    fn is_no(&self) -> bool {
        *self == Self::No
    }

    fn doubts(&self) -> BTreeSet<String> {
        match self {
            Self::Perhaps(why) => why.clone(),
            Self::Yes | Self::No => BTreeSet::new(),
        }
    }
}

/// Who keeps an action under a policy.
pub fn verdict(policy: &str, action: &str, caller: &Caller) -> Verdict {
    let Some(document) = Document::read(policy) else {
        return Verdict::Undecidable(vec!["the document, which cannot be read".into()]);
    };
    let said = document.about(action);
    let account = answer(&said, Principal::Account(&caller.account));
    let own = answer(&said, Principal::of("AWS", &caller.arn));
    if account == Answer::Yes || own == Answer::Yes {
        return Verdict::Kept;
    }
    let mut doubts = account.doubts();
    doubts.extend(own.doubts());
    if !doubts.is_empty() {
        return Verdict::Undecidable(doubts.into_iter().collect());
    }
    let others = document.principals();
    let others = others.iter().filter(|(kind, name)| {
        let who = Principal::of(kind, name);
        who.is_somebody() && !is_abroad(who, caller) && !answer(&said, who).is_no()
    });
    let others: Vec<String> = others.map(|(_, name)| (*name).to_owned()).collect();
    if others.is_empty() {
        Verdict::Lost
    } else {
        Verdict::Others(others)
    }
}

/// Whether somebody is of another account: AWS lets nobody change the policy of another account's key.
fn is_abroad(who: Principal<'_>, caller: &Caller) -> bool {
    let is_aws = caller.arn.starts_with("arn:") && !caller.account.is_empty();
    is_aws && who.account().is_some_and(|account| account != caller.account)
}

/// The principals that the old policy lets do something, and the new one does not.
pub fn losers(old: &str, new: &str, action: &str) -> Vec<String> {
    let (Some(old), Some(new)) = (Document::read(old), Document::read(new)) else {
        return Vec::new();
    };
    let mut lost: Vec<String> = Vec::new();
    let (before, after) = (old.about(action), new.about(action));
    for (kind, name) in old.principals() {
        let who = Principal::of(kind, name);
        if !answer(&before, who).is_no() && answer(&after, who).is_no() {
            lost.push(name.to_owned());
        }
    }
    lost
}

impl Document {
    /// Every principal that a statement lets do something, by kind.
    fn principals(&self) -> BTreeSet<(&str, &str)> {
        let allowing = self.statements.iter().filter(|one| one.effect == ALLOW);
        let named = allowing.flat_map(|one| &one.principals[0]);
        named
            .flat_map(|(kind, names)| names.iter().map(|name| (&**kind, &**name)))
            .collect()
    }

    /// The statements about an action.
    fn about(&self, action: &str) -> Vec<Said<'_>> {
        let statements = self.statements.iter().enumerate();
        let about = statements.filter(|(_, statement)| statement.is_about(action));
        about.map(|(i, statement)| Said::of(i, statement)).collect()
    }
}

/// A statement about an action, at its position, and whom it names.
struct Said<'a> {
    position: usize,
    statement: &'a Statement,
    named: Vec<Principal<'a>>,
}

fn answer(all: &[Said<'_>], who: Principal<'_>) -> Answer {
    let found = |effect: &str| {
        let mut doubts = BTreeSet::new();
        for one in all.iter().filter(|one| one.statement.effect == effect) {
            match one.applies(who) {
                Some(true) => return Answer::Yes,
                Some(false) => {}
                None => drop(doubts.insert(one.statement.name(one.position))),
            }
        }
        if doubts.is_empty() {
            Answer::No
        } else {
            Answer::Perhaps(doubts)
        }
    };
    match (found(ALLOW), found(DENY)) {
        (Answer::No, _) | (_, Answer::Yes) => Answer::No,
        (Answer::Perhaps(mut doubts), denied) => {
            doubts.extend(denied.doubts());
            Answer::Perhaps(doubts)
        }
        (Answer::Yes, denied) => denied_perhaps(denied),
    }
}

/// What is allowed, where a denial may stand against it.
fn denied_perhaps(denied: Answer) -> Answer {
    match denied {
        Answer::Perhaps(doubts) => Answer::Perhaps(doubts),
        Answer::Yes => Answer::No,
        Answer::No => Answer::Yes,
    }
}

impl Statement {
    /// How messages name it.
    fn name(&self, position: usize) -> String {
        match &*self.sid {
            "" => format!("statement {}", position + 1),
            sid => format!("the statement {sid:?}"),
        }
    }
}

impl<'a> Said<'a> {
    fn of(position: usize, statement: &'a Statement) -> Self {
        let kinds = statement.principals[0].iter();
        let named = kinds.flat_map(|(kind, names)| names.iter().map(|name| Principal::of(kind, name)));
        Self {
            position,
            statement,
            named: named.collect(),
        }
    }

    /// Whether it is about somebody who does it to the key; none where that cannot be told.
    fn applies(&self, who: Principal<'_>) -> Option<bool> {
        let named = self.names(who);
        if named == Some(false) {
            return Some(false);
        }
        // A statement without resources has no effect at AWS; elsewhere that is not known.
        let [_, _, resources, others] = &self.statement.lists;
        let is_every = resources.iter().any(|one| one == "*");
        let is_plain = is_every && others.is_empty() && self.statement.conditions.is_empty();
        named.filter(|_| is_plain)
    }

    fn names(&self, who: Principal<'_>) -> Option<bool> {
        if !self.statement.principals[1].is_empty() {
            return None;
        }
        let denies = self.statement.effect == DENY;
        let mut answer = Some(false);
        for one in &self.named {
            match one.covers(who, denies) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => answer = None,
            }
        }
        answer
    }
}

impl Statement {
    /// Whether it is about an action.
    fn is_about(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        let [actions, others, ..] = &self.lists;
        let named = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &action));
        named(actions) || (actions.is_empty() && !others.is_empty() && !named(others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: &str = "kms:PutKeyPolicy";

    fn caller() -> Caller {
        Caller {
            arn: "arn:aws:sts::111122223333:assumed-role/pipeline/session".into(),
            account: "111122223333".into(),
        }
    }

    fn statement(principal: &str, more: &str) -> String {
        format!(
            r#"{{"Sid":"a","Effect":"Allow","Principal":{principal},"Action":"kms:*","Resource":"*"{more}}}"#
        )
    }

    fn policy(statements: &[String]) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        )
    }

    const ROOT: &str = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
    const OTHER_ROOT: &str = r#"{"AWS":"arn:aws:iam::444455556666:root"}"#;
    const OWN: &str = r#"{"AWS":"arn:aws:iam::111122223333:role/ci/pipeline"}"#;
    const ADMIN: &str = r#"{"AWS":"arn:aws:iam::111122223333:role/admin"}"#;
    const MFA: &str = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;

    #[track_caller]
    fn check(statements: &[String], expected: &Verdict) {
        assert_eq!(verdict(&policy(statements), PUT, &caller()), *expected);
    }

    fn deny(principal: &str, more: &str) -> String {
        statement(principal, more)
            .replace("Allow", "Deny")
            .replace("\"a\"", "\"d\"")
    }

    #[test]
    fn the_account_and_the_caller_keep_what_they_are_allowed() {
        for principal in [
            ROOT,
            OWN,
            "\"*\"",
            r#"{"AWS":"111122223333"}"#,
            r#"{"AWS":["arn:aws:iam::1:role/x","*"]}"#,
        ] {
            check(&[statement(principal, "")], &Verdict::Kept);
        }
        let narrow = statement(ROOT, "").replace("kms:*", "kms:Put*");
        check(&[narrow], &Verdict::Kept);
    }

    #[test]
    fn what_nobody_keeps_is_lost() {
        check(
            &[statement(ROOT, "").replace("kms:*", "kms:Decrypt")],
            &Verdict::Lost,
        );
        check(&[statement(ROOT, ""), deny("\"*\"", "")], &Verdict::Lost);
        check(&[], &Verdict::Lost);
        let but = statement(ROOT, "").replace("\"Action\":\"kms:*\"", "\"NotAction\":\"kms:Put*\"");
        check(&[but], &Verdict::Lost);
    }

    #[test]
    fn others_are_named() {
        let admin = "arn:aws:iam::111122223333:role/admin".to_owned();
        check(&[statement(ADMIN, "")], &Verdict::Others(vec![admin]));
        // Another account may use the key, but not change its policy.
        check(&[statement(OTHER_ROOT, "")], &Verdict::Lost);
        let foreign = ADMIN.replace("111122223333", "444455556666");
        check(&[statement(&foreign, "")], &Verdict::Lost);
    }

    #[test]
    fn what_depends_is_not_decided() {
        let of = |name: &str| Verdict::Undecidable(vec![format!("the statement {name:?}")]);
        check(&[statement(ROOT, MFA)], &of("a"));
        check(&[statement(ROOT, ""), deny("\"*\"", MFA)], &of("d"));
        let but = statement(ADMIN, "").replace("\"Principal\"", "\"NotPrincipal\"");
        check(&[but], &of("a"));
        check(&[statement(r#"{"AWS":"AROAEXAMPLE"}"#, "")], &of("a"));
        // Where one statement leaves no doubt, others do not matter.
        check(&[statement(ROOT, MFA), statement(OWN, "")], &Verdict::Kept);
        assert!(matches!(verdict("{", PUT, &caller()), Verdict::Undecidable(_)));
        let nobody = Caller::default();
        assert!(matches!(
            verdict(&policy(&[statement(ROOT, "")]), PUT, &nobody),
            Verdict::Undecidable(_)
        ));
    }

    #[test]
    fn a_denial_of_the_caller_leaves_the_account() {
        check(&[statement(ROOT, ""), deny(OWN, "")], &Verdict::Kept);
        check(&[statement(OWN, ""), deny(OWN, "")], &Verdict::Lost);
    }

    #[test]
    fn who_denies_an_account_denies_all_who_are_in_it() {
        for root in [ROOT, r#"{"AWS":"111122223333"}"#] {
            check(&[statement("\"*\"", ""), deny(root, "")], &Verdict::Lost);
            let put = deny(root, "").replace("kms:*", "kms:Put*");
            check(&[statement("\"*\"", ""), put], &Verdict::Lost);
            check(&[statement(OWN, ""), deny(root, "")], &Verdict::Lost);
            // Nor is anybody else of the account left.
            check(&[statement(ADMIN, ""), deny(root, "")], &Verdict::Lost);
            let but = deny(root, "").replace("\"Action\":\"kms:*\"", "\"NotAction\":\"kms:Get*\"");
            check(&[statement("\"*\"", ""), but], &Verdict::Lost);
        }
        check(&[statement("\"*\"", ""), deny(OTHER_ROOT, "")], &Verdict::Kept);
        let not_put = deny(ROOT, "").replace("kms:*", "kms:Decrypt");
        check(&[statement(ROOT, ""), not_put], &Verdict::Kept);
    }

    #[test]
    fn only_among_principals_of_accounts_the_star_is_everybody() {
        for principal in [
            r#"{"Service":"*"}"#,
            r#"{"Service":"logs.amazonaws.com"}"#,
            r#"{"Service":"111122223333"}"#,
            r#"{"Federated":"111122223333"}"#,
        ] {
            check(&[statement(principal, "")], &Verdict::Lost);
            check(&[statement(ROOT, ""), deny(principal, "")], &Verdict::Kept);
        }
        let of = |name: &str| Verdict::Undecidable(vec![format!("the statement {name:?}")]);
        for principal in [
            r#"{"Federated":"*"}"#,
            r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/p"}"#,
            r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
            r#"{"Unheard":"*"}"#,
            r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#,
        ] {
            check(&[statement(principal, "")], &of("a"));
        }
        for principal in [r#"{"CanonicalUser":"79a5"}"#, r#"{"Unheard":"*"}"#] {
            check(&[statement(ROOT, ""), deny(principal, "")], &of("d"));
        }
    }

    #[test]
    fn sessions_are_not_for_good() {
        let own = r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/pipeline/session"}"#;
        let other = own.replace("/session", "/other");
        let of = |name: &str| Verdict::Undecidable(vec![format!("the statement {name:?}")]);
        check(&[statement(own, "")], &of("a"));
        check(
            &[statement(&other, "")],
            &Verdict::Others(vec![
                "arn:aws:sts::111122223333:assumed-role/pipeline/other".into(),
            ]),
        );
        check(
            &[statement(OWN, ""), deny(own, "")],
            &Verdict::Others(vec!["arn:aws:iam::111122223333:role/ci/pipeline".into()]),
        );
        check(&[statement(OWN, ""), deny(&other, "")], &Verdict::Kept);
        check(&[statement(ROOT, ""), deny(own, "")], &Verdict::Kept);
    }

    #[test]
    fn what_is_no_plain_denial_is_not_decided() {
        let of = |name: &str| Verdict::Undecidable(vec![format!("the statement {name:?}")]);
        let all = statement("\"*\"", "");
        let but = deny(ROOT, "").replace("\"Principal\"", "\"NotPrincipal\"");
        check(&[all.clone(), but], &of("d"));
        let unless = r#","Condition":{"StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::1:role/x"}}"#;
        check(&[all.clone(), deny("\"*\"", unless)], &of("d"));
        let bare = statement(ROOT, "").replace(",\"Resource\":\"*\"", "");
        check(&[bare], &of("a"));
        let odd = statement(ROOT, "").replace("Allow", "Alow");
        check(&[odd], &Verdict::Lost);
        // Who asks is not known: the role may be his.
        let nobody = Caller::default();
        let found = verdict(&policy(&[statement(OWN, "")]), PUT, &nobody);
        assert_eq!(found, of("a"));
        assert_eq!(verdict(&policy(&[all]), PUT, &nobody), Verdict::Kept);
    }

    #[test]
    fn others_under_a_condition_are_others() {
        let admin = "arn:aws:iam::111122223333:role/admin".to_owned();
        check(&[statement(ADMIN, MFA)], &Verdict::Others(vec![admin]));
    }

    #[test]
    fn a_denial_of_the_account_takes_it_from_its_roles() {
        let old = policy(&[statement(ADMIN, ""), statement(ROOT, "")]);
        let new = policy(&[statement("\"*\"", ""), deny(ROOT, "")]);
        assert_eq!(
            losers(&old, &new, "kms:Decrypt"),
            [
                "arn:aws:iam::111122223333:role/admin",
                "arn:aws:iam::111122223333:root"
            ]
        );
        let service = policy(&[statement(r#"{"Service":"*"}"#, "")]);
        assert_eq!(losers(&old, &service, "kms:Decrypt").len(), 2);
        assert!(losers(&service, &service, "kms:Decrypt").is_empty());
    }

    #[test]
    fn who_loses_is_named() {
        let user = r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#;
        let old = policy(&[
            statement(ROOT, ""),
            statement(user, ""),
            statement(r#"{"Service":"logs.amazonaws.com"}"#, ""),
        ]);
        let new = policy(&[statement(ROOT, "")]);
        assert_eq!(
            losers(&old, &new, "kms:Decrypt"),
            ["arn:aws:iam::111122223333:role/app", "logs.amazonaws.com"]
        );
        assert!(losers(&old, &old, "kms:Decrypt").is_empty());
        assert!(losers(&old, &policy(&[statement("\"*\"", "")]), "kms:Decrypt").is_empty());
        let by_number = old.replace("arn:aws:iam::111122223333:root", "111122223333");
        assert!(losers(&old, &by_number, "kms:Decrypt").is_empty());
    }

    #[test]
    fn policies_of_alibaba_cloud_are_read_too() {
        let policy = |principal: &str, action: &str| {
            format!(
                r#"{{"Version":"1","Statement":[{{"Sid":"a","Effect":"Allow","Principal":{{"RAM":["{principal}"]}},"Action":["{action}"],"Resource":["*"]}}]}}"#
            )
        };
        let caller = Caller {
            arn: "acs:ram::1234567890123456:assumed-role/pipeline/s".into(),
            account: "1234567890123456".into(),
        };
        let of =
            |principal: &str, action: &str| verdict(&policy(principal, action), "kms:SetKeyPolicy", &caller);
        for principal in [
            "acs:ram::1234567890123456:*",
            "acs:ram::1234567890123456:root",
            "acs:ram::1234567890123456:role/pipeline",
        ] {
            assert_eq!(of(principal, "kms:*"), Verdict::Kept, "{principal}");
            assert_eq!(of(principal, "kms:Decrypt"), Verdict::Lost, "{principal}");
        }
        let user = "acs:ram::1234567890123456:user/u";
        assert_eq!(of(user, "kms:*"), Verdict::Others(vec![user.to_owned()]));
    }

    #[test]
    fn a_large_policy_is_judged_at_once() {
        let names: Vec<String> = (0..700)
            .map(|i| format!("\"arn:aws:iam::111122223333:role/{i}\""))
            .collect();
        let many = format!(r#"{{"AWS":[{}]}}"#, names.join(","));
        let star = "*a".repeat(200);
        let odd = format!(r#"{{"Effect":"Allow","Principal":"*","Action":"{star}"}}"#);
        let statements: Vec<String> = std::iter::once(statement(&many, ""))
            .chain(std::iter::repeat_n(odd, 100))
            .collect();
        let began = std::time::Instant::now();
        let text = policy(&statements);
        assert!(matches!(verdict(&text, PUT, &caller()), Verdict::Others(_)));
        assert_eq!(losers(&text, &policy(&[]), PUT).len(), 700);
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }
}
