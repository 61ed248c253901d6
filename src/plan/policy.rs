//! The policy of an organisation, held against a plan.

use jiff::Timestamp;

use crate::addr::OnDestroy;
use crate::config::{Policy, Ruled};
use crate::diag::{Diagnostic, Diagnostics, Ending, Span};
use crate::resource;
use crate::schema::Destroy;

use super::{Made, Mode, Planned};

/// Takes over what the policy calls recent: to be done before anybody looks up what is in use.
pub fn limit(made: &mut Made, policy: &Policy) {
    if let Some(days) = policy.in_use_days {
        made.plan.recent_days = days;
    }
}

/// Refuses what the policy does not allow, once it is known what would be lost.
pub fn govern(made: &mut Made, policy: &Policy) {
    if made.plan.mode == Mode::RefreshOnly {
        return;
    }
    let managed = made.plan.changes.iter();
    let managed = managed.filter(|planned| planned.addr.resource.is_managed());
    let now = made.plan.timestamp;
    let found: Diagnostics = managed
        .flat_map(|planned| breaches(planned, policy, now))
        .collect();
    made.plan.errored |= found.has_errors();
    made.problems.extend(found);
}

fn breaches(planned: &Planned, policy: &Policy, now: Timestamp) -> Vec<Diagnostic> {
    let floor = policy.window_floor.and_then(|floor| window(planned, floor));
    let expiry = policy.window_floor.and_then(|floor| expiry(planned, floor, now));
    let rotation = policy.rotation.and_then(|at| rotation(planned, at));
    let end = policy.on_destroy.and_then(|wanted| end(planned, wanted));
    let bypass = policy.no_bypass.and_then(|at| bypass(planned, at));
    let found = [floor, expiry, rotation, end, bypass].into_iter().flatten();
    found.map(|refused| refused.about(&planned.addr)).collect()
}

fn refused(detail: String, at: Span) -> Diagnostic {
    Diagnostic::error("Refused by policy", detail)
        .at(at)
        .ends_as(Ending::Refused)
}

/// The days in which what is destroyed, or would be one day, can be called back.
fn window(planned: &Planned, floor: Ruled<i64>) -> Option<Diagnostic> {
    let change = &planned.change;
    if planned.loss.as_ref().is_some_and(|loss| loss.irreversible) && planned.ty.window.is_none() {
        return Some(at_once(planned, floor));
    }
    let goes = planned.loss.is_some();
    let kept = (!change.after.is_null()).then_some(&change.after);
    let lost = goes.then_some(&change.before);
    let (object, days) = [lost, kept].into_iter().flatten().find_map(|object| {
        let days = resource::window(planned.ty, object)?;
        let with = goes && std::ptr::eq(object, &raw const change.before) && is_lost_with(planned);
        let days = if with { crate::value::Value::int(0) } else { days };
        let fits = days.as_i64().is_some_and(|days| days >= floor.value);
        (!fits).then_some((object, days))
    })?;
    let addr = &planned.addr;
    let days = match days.as_i64() {
        Some(0) => "it would be lost at once".to_owned(),
        Some(days) => format!("its deletion window is {days} days"),
        None => "its deletion window is not known yet".to_owned(),
    };
    let is_lost = goes && std::ptr::eq(object, &raw const change.before);
    let way = if is_lost {
        "Put its block back with a longer window, and apply that before you destroy it."
    } else {
        "Write a longer one, or leave it out."
    };
    let detail = format!(
        "{addr}: {days}, and the policy asks for {} at least.",
        floor.value
    );
    Some(refused(detail, floor.at).hint(way))
}

/// What is lost at once has no days at all in which it can be called back.
fn at_once(planned: &Planned, floor: Ruled<i64>) -> Diagnostic {
    let detail = format!(
        "{}: it would be lost at once, and the policy asks for {} days at least in which it can be called back.",
        planned.addr, floor.value
    );
    refused(detail, floor.at).hint("Keep it, or let it go without destroying it: on_destroy = \"retain\" in its lifecycle block leaves it where it is.")
}

/// What would not be usable any more before the days are over is not set so.
fn expiry(planned: &Planned, floor: Ruled<i64>, now: Timestamp) -> Option<Diagnostic> {
    let set = super::note::expiry(planned)?;
    let days = set
        .at
        .map(|at| (at.as_second() - now.as_second()).div_euclid(86_400));
    let days = match days {
        Some(days) if days >= floor.value => return None,
        Some(days) => format!("its material expires in {} days", days.max(0)),
        None => "when its material expires is not known yet".to_owned(),
    };
    let detail = format!(
        "{}: {days}, and the policy asks for {} at least.",
        planned.addr, floor.value
    );
    Some(refused(detail, floor.at).hint("Write a later time, or leave it out."))
}

/// Whether the object goes with what holds it, whatever its own window is.
fn is_lost_with(planned: &Planned) -> bool {
    planned.loss.as_ref().is_some_and(|loss| loss.with.is_some())
}

/// What can rotate and is declared does.
fn rotation(planned: &Planned, at: Span) -> Option<Diagnostic> {
    planned.source.as_ref()?;
    let rotates = resource::rotates(planned.ty, &planned.change.after)?;
    let detail = format!(
        "{}: its material does not rotate by itself, and the policy asks for that.",
        planned.addr
    );
    (!rotates).then(|| refused(detail, at).hint("Switch the rotation of the key on."))
}

/// What becomes of keys at their end.
fn end(planned: &Planned, wanted: Ruled<OnDestroy>) -> Option<Diagnostic> {
    let ty = planned.ty;
    let is_meant = match wanted.value {
        OnDestroy::Disable => ty.retire.is_some(),
        _ => ty.destroy != Destroy::Reversible,
    };
    let stays = |word| word == OnDestroy::Retain || word == wanted.value;
    let is_free = planned.source.is_none() && !planned.destroys();
    if !is_meant || is_free || stays(planned.guard.on_destroy) {
        return None;
    }
    let word = wanted.value.word();
    let detail = format!(
        "{}: its lifecycle says on_destroy = \"{}\", be it by saying nothing, and the policy asks for \"{word}\".",
        planned.addr,
        planned.guard.on_destroy.word()
    );
    let hint = format!("Write on_destroy = \"{word}\" into its lifecycle block, and apply that first.");
    Some(refused(detail, wanted.at).hint(hint))
}

/// No key policy is written past the check of the cloud.
fn bypass(planned: &Planned, at: Span) -> Option<Diagnostic> {
    let names = planned.ty.lockouts.values().filter_map(|one| one.bypass.as_ref());
    let is_set = |name: &&crate::value::Text| {
        let value = planned.change.after.get(name);
        value.is_some_and(|value| !value.is_known() || value.as_bool() == Some(true))
    };
    let name = names.into_iter().find(is_set)?;
    let detail = format!("{}: {name} is true, and the policy forbids that.", planned.addr);
    Some(refused(detail, at).hint(format!("Take {name} out.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::FileId;
    use crate::plan::for_tests::planned;
    use crate::state::State;

    /// The refusals of a plan that makes this.
    #[track_caller]
    fn check(policy: &str, text: &str, said: &[&str]) {
        let mut made = planned(text, State::new());
        let policy = Policy::read(FileId(0), policy).unwrap();
        govern(&mut made, &policy);
        let found: Vec<String> = made.problems.into_iter().map(|problem| problem.detail).collect();
        assert_eq!(found.len(), said.len(), "{found:?}");
        for (found, said) in found.iter().zip(said) {
            assert!(found.contains(said), "{found:?}");
        }
    }

    const FLOOR: &str = "deletion {\n  window_floor = 30\n}\n";

    #[test]
    fn shorter_windows_than_the_floor_are_refused() {
        check(FLOOR, "resource \"aws_kms_key\" \"k\" {}", &[]);
        check(
            FLOOR,
            "resource \"aws_kms_key\" \"k\" {\n  deletion_window_in_days = 7\n}",
            &["aws_kms_key.k: its deletion window is 7 days, and the policy asks for 30 at least."],
        );
        check(
            FLOOR,
            "resource \"alicloud_kms_key\" \"k\" {\n  pending_window_in_days = 29\n}",
            &["29 days"],
        );
        check(
            FLOOR,
            "resource \"terraform_data\" \"d\" {}\nresource \"aws_kms_key\" \"k\" {\n  deletion_window_in_days = length(terraform_data.d.id)\n}",
            &["is not known yet"],
        );
        check(
            FLOOR,
            "resource \"alicloud_kms_secret\" \"s\" {\n  secret_name = \"s\"\n  secret_data = \"d\"\n  version_id = \"1\"\n  force_delete_without_recovery = true\n}",
            &["it would be lost at once"],
        );
    }

    #[test]
    fn material_does_not_expire_sooner_than_the_floor_lets_keys_go() {
        // Plans of these tests are made in 1970.
        let key = |at: &str| {
            format!(
                "resource \"aws_kms_external_key\" \"k\" {{\n  key_material_base64 = base64encode(\"0123456789abcdef0123456789abcdef\")\n  valid_to = {at}\n}}"
            )
        };
        check(FLOOR, &key("null"), &[]);
        check(FLOOR, &key("\"2999-01-01T00:00:00Z\""), &[]);
        check(
            FLOOR,
            &key("\"1970-01-02T00:00:00Z\""),
            &["aws_kms_external_key.k: its material expires in "],
        );
        check(FLOOR, &key("timestamp()"), &["is not known yet"]);
    }

    #[test]
    fn keys_that_can_rotate_must() {
        let policy = "require {\n  rotation = true\n}\n";
        check(policy, "resource \"aws_kms_key\" \"k\" {}", &["aws_kms_key.k"]);
        check(
            policy,
            "resource \"aws_kms_key\" \"k\" {\n  enable_key_rotation = true\n}",
            &[],
        );
        check(
            policy,
            "resource \"aws_kms_key\" \"k\" {\n  customer_master_key_spec = \"RSA_2048\"\n}",
            &[],
        );
        check(
            policy,
            "resource \"alicloud_kms_key\" \"k\" {}",
            &["alicloud_kms_key.k"],
        );
        check(
            policy,
            "resource \"alicloud_kms_key\" \"k\" {\n  automatic_rotation = \"Enabled\"\n  rotation_interval = \"7d\"\n}",
            &[],
        );
        check(
            policy,
            "resource \"alicloud_kms_key\" \"k\" {\n  key_spec = \"RSA_2048\"\n}",
            &[],
        );
    }

    #[test]
    fn the_end_of_keys_is_what_the_policy_says_or_safer() {
        let policy = |word: &str| format!("require {{\n  on_destroy = \"{word}\"\n}}\n");
        let key = |word: &str| {
            format!(
                "resource \"aws_kms_key\" \"k\" {{\n  lifecycle {{\n    on_destroy = \"{word}\"\n  }}\n}}"
            )
        };
        check(&policy("disable"), &key("schedule"), &["\"disable\""]);
        check(&policy("disable"), &key("disable"), &[]);
        check(&policy("disable"), &key("retain"), &[]);
        check(&policy("retain"), &key("disable"), &["\"retain\""]);
        check(
            &policy("disable"),
            "resource \"alicloud_kms_key\" \"k\" {}",
            &["alicloud_kms_key.k"],
        );
        check(
            &policy("disable"),
            "resource \"alicloud_kms_alias\" \"a\" {\n  alias_name = \"alias/a\"\n  key_id = \"k\"\n}",
            &[],
        );
    }

    #[test]
    fn the_check_of_key_policies_is_not_passed_by() {
        let policy = "forbid {\n  bypass_policy_lockout_safety_check = true\n}\n";
        let key = |value: &str| {
            format!("resource \"aws_kms_key\" \"k\" {{\n  bypass_policy_lockout_safety_check = {value}\n}}")
        };
        check(policy, &key("true"), &["aws_kms_key.k"]);
        check(policy, &key("false"), &[]);
    }
}
