//! Which object is which: pairs of addresses and ids that leave no doubt.

use std::collections::{BTreeMap, BTreeSet};

use crate::addr::InstanceAddr;
use crate::value::Text;

/// How well an object is what an address declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    Same,
    /// It could be brought to it.
    Near,
    No,
}

/// The pairs that leave no doubt: what an alias says, and what is only the one thing for the only one. An address in `unread` may
/// have what could not be read as well.
pub fn certain(
    fits: &BTreeMap<InstanceAddr, BTreeMap<Text, Fit>>,
    pointed: &BTreeMap<InstanceAddr, Text>,
    adopted: &BTreeMap<InstanceAddr, Text>,
    unread: &BTreeSet<InstanceAddr>,
) -> BTreeMap<InstanceAddr, Text> {
    let fitting = adopted.iter().filter(|(addr, id)| {
        let of_it = fits.get(*addr);
        of_it.is_some_and(|of_it| of_it.contains_key(*id))
    });
    let mut certain: BTreeMap<InstanceAddr, Text> =
        fitting.map(|(addr, id)| (addr.clone(), id.clone())).collect();
    let claimed: BTreeSet<Text> = certain.values().cloned().collect();
    let is_open = |addr: &InstanceAddr, id: &Text| !adopted.contains_key(addr) && !claimed.contains(id);
    let pointed = pointed.iter().filter(|(addr, id)| is_open(addr, id));
    let pointed: BTreeMap<&InstanceAddr, &Text> = pointed.collect();
    let same = |of_it: &BTreeMap<Text, Fit>, id: &Text| of_it.get(id) == Some(&Fit::Same);
    for (&addr, &id) in &pointed {
        let rivals = pointed.values().filter(|other| **other == id).count();
        if rivals == 1 && fits.get(addr).is_some_and(|of_it| same(of_it, id)) {
            certain.insert(addr.clone(), id.clone());
        }
    }
    let claimed: BTreeSet<Text> = certain.values().cloned().collect();
    let settled: BTreeSet<InstanceAddr> = certain.keys().cloned().collect();
    let free = |addr: &&InstanceAddr| {
        !pointed.contains_key(*addr) && !adopted.contains_key(*addr) && !unread.contains(*addr)
    };
    for addr in fits.keys().filter(free) {
        let of_it = fits[addr].iter();
        let own: Vec<&Text> = of_it
            .filter(|(id, fit)| **fit == Fit::Same && !claimed.contains(*id))
            .map(|(id, _)| id)
            .collect();
        let [id] = own.as_slice() else { continue };
        let others = fits.iter().filter(|(other, of_it)| {
            !settled.contains(*other)
                && *other != addr
                && other.resource.ty == addr.resource.ty
                && same(of_it, id)
        });
        if others.count() == 0 {
            certain.insert(addr.clone(), (*id).clone());
        }
    }
    certain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::parse_instance;

    #[track_caller]
    fn check(fits: &[(&str, &[(&str, Fit)])], pointed: &[(&str, &str)], expected: &[(&str, &str)]) {
        check_adopted(fits, pointed, &[], expected);
    }

    #[track_caller]
    fn check_adopted(
        fits: &[(&str, &[(&str, Fit)])],
        pointed: &[(&str, &str)],
        adopted: &[(&str, &str)],
        expected: &[(&str, &str)],
    ) {
        let addr = |text: &str| parse_instance(text).unwrap();
        let fits = fits.iter().map(|(at, of_it)| {
            let of_it = of_it.iter().map(|(id, fit)| (Text::from(*id), *fit));
            (addr(at), of_it.collect())
        });
        let pairs = |all: &[(&str, &str)]| all.iter().map(|(at, id)| (addr(at), Text::from(*id))).collect();
        let found = certain(
            &fits.collect(),
            &pairs(pointed),
            &pairs(adopted),
            &BTreeSet::new(),
        );
        let found: Vec<(String, String)> = found
            .into_iter()
            .map(|(at, id)| (at.to_string(), id.to_string()))
            .collect();
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(at, id)| ((*at).to_owned(), (*id).to_owned()))
            .collect();
        assert_eq!(found, expected);
    }

    const A: &str = "aws_kms_key.a";
    const B: &str = "aws_kms_key.b";

    #[test]
    fn what_is_the_same_for_one_only_is_certain() {
        check(
            &[
                (A, &[("1", Fit::Same), ("2", Fit::Near)]),
                (B, &[("2", Fit::Same)]),
            ],
            &[],
            &[(A, "1"), (B, "2")],
        );
    }

    #[test]
    fn nothing_is_guessed() {
        check(&[(A, &[("1", Fit::Near)])], &[], &[]);
        check(&[(A, &[("1", Fit::Same)]), (B, &[("1", Fit::Same)])], &[], &[]);
        check(&[(A, &[("1", Fit::Same), ("2", Fit::Same)])], &[], &[]);
    }

    #[test]
    fn an_alias_tells_equal_keys_apart() {
        let both: &[(&str, Fit)] = &[("1", Fit::Same), ("2", Fit::Same)];
        check(
            &[(A, both), (B, both)],
            &[(A, "2"), (B, "1")],
            &[(A, "2"), (B, "1")],
        );
        // What is left over belongs to who is left over.
        check(&[(A, both), (B, both)], &[(A, "2")], &[(A, "2"), (B, "1")]);
        // An alias of both, or to something else, tells nothing.
        check(&[(A, both), (B, both)], &[(A, "1"), (B, "1")], &[]);
        check(&[(A, &[("1", Fit::Same)])], &[(A, "3")], &[]);
    }

    #[test]
    fn what_the_user_says_comes_first_where_it_fits() {
        let both: &[(&str, Fit)] = &[("1", Fit::Same), ("2", Fit::Same)];
        check_adopted(&[(A, both), (B, both)], &[], &[(A, "2")], &[(A, "2"), (B, "1")]);
        check_adopted(
            &[(A, both), (B, both)],
            &[(B, "2")],
            &[(A, "2")],
            &[(A, "2"), (B, "1")],
        );
        check_adopted(&[(A, &[("1", Fit::Near)])], &[], &[(A, "1")], &[(A, "1")]);
        check_adopted(&[(A, both)], &[], &[(A, "3")], &[]);
    }
}
