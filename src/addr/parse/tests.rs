//! Addresses as text.

use super::{parse_instance, parse_key, parse_target};
use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ResourceName, Target};

#[track_caller]
fn round_trip(text: &str) -> Target {
    let target = parse_target(text).expect("this is an address");
    assert_eq!(target.to_string(), text);
    target
}

#[track_caller]
fn refuse(text: &str, expected: &str) {
    let error = parse_target(text).expect_err("this is no address").0;
    assert!(error.starts_with("Invalid address \""), "{error}");
    assert!(error.contains(&format!(": expected {expected}")), "{error}");
    assert!(parse_instance(text).is_err());
}

#[test]
fn addresses_print_as_they_were_read() {
    for text in [
        "aws_kms_key.this",
        "aws_kms_key.this[0]",
        "aws_kms_key.this[18446744073709551615]",
        "aws_kms_key.this[\"a b\"]",
        "aws_kms_key.this[\"\"]",
        "aws_kms_key.this[\"a\\\"b\\\\c\\nd\\te\\rf\"]",
        "aws_kms_key.this[\"$${x} %%{y} $ % $$ \"]",
        "aws_kms_key.this[\"].x[\\\"\"]",
        "aws_kms_key.this[\"é日本\"]",
        "aws_kms_key.this[\"\\u0001\"]",
        "data.aws_region.current",
        "data.aws_region.current[\"x\"]",
        "module.a",
        "module.a[\"x\"]",
        "module.a[0].module.b",
        "module.a[\"x\"].module.b[1].data.aws_region.r[\"k\"]",
        "module.data.aws_kms_key.k",
        "terraform_data.with-dash_and_9",
        "terraform_data.größe",
    ] {
        round_trip(text);
    }
}

#[test]
fn the_kind_of_target_follows_from_the_text() {
    let resource = ResourceName::managed("t", "n");
    let root = ModulePath::root();
    let instance = InstanceAddr::new(root.clone(), resource.clone(), InstanceKey::Number(3));
    assert_eq!(round_trip("t.n[3]"), Target::Instance(instance));
    assert!(matches!(round_trip("t.n"), Target::Resource(found) if found.resource == resource));
    let module = root.child("m".into(), InstanceKey::Text("k".into()));
    assert_eq!(round_trip("module.m[\"k\"]"), Target::Module(module.clone()));
    let inside = parse_instance("module.m[\"k\"].data.t.n").expect("this is an instance");
    assert_eq!(
        inside,
        InstanceAddr::new(module, ResourceName::data("t", "n"), InstanceKey::None)
    );
}

#[test]
fn keys_may_use_every_escape() {
    for (text, key) in [
        (r#"["\u00e9\U0001F600"]"#, "é😀"),
        (r#"["$"]"#, "$"),
        (r#"["$$"]"#, "$$"),
        (r#"["$$${x}"]"#, "$${x}"),
        ("[\"e\u{301}\"]", "é"),
    ] {
        assert_eq!(parse_key(text), Ok(InstanceKey::Text(key.into())), "{text}");
    }
    assert_eq!(parse_key(""), Ok(InstanceKey::None));
    assert_eq!(parse_key("[7]"), Ok(InstanceKey::Number(7)));
}

#[test]
fn what_is_no_address_is_refused_with_what_was_expected() {
    refuse("", "a resource type, \"data\" or \"module\" at its end");
    refuse("aws_kms_key", "a dot and a resource name at its end");
    refuse("aws_kms_key.", "a resource name at its end");
    refuse("aws_kms_key.a.b", "nothing more at \".b\"");
    refuse("aws_kms_key.a[0]x", "nothing more at \"x\"");
    refuse("aws_kms_key.a[", "a whole number or a quoted text");
    refuse("aws_kms_key.a[-1]", "a whole number or a quoted text");
    refuse("aws_kms_key.a[1.5]", "a closing bracket");
    refuse("aws_kms_key.a[99999999999999999999]", "a whole number");
    refuse("aws_kms_key.a[x]", "a whole number or a quoted text");
    refuse("aws_kms_key.a[\"x]", "a closing quote");
    refuse("aws_kms_key.a[\"x\ny\"]", "a closing quote");
    refuse("aws_kms_key.a[\"x\"", "a closing bracket");
    refuse("aws_kms_key.a[\"${x}\"]", "a text without templates");
    refuse("aws_kms_key.a[\"\\q\"]", "one of the escapes");
    refuse(
        "aws_kms_key.a[\"\\ud800\"]",
        "a character by 4 hexadecimal digits",
    );
    refuse("aws_kms_key.a[\"\\u00é\"]", "a character by 4 hexadecimal digits");
    refuse("aws_kms_key.9a", "a resource name");
    refuse("aws kms", "a dot and a resource name");
    refuse("module", "a dot and a module name");
    refuse("module.a.", "a resource type");
    refuse("module.a[0]b", "a dot and a resource");
    refuse("module.a.data.x", "a dot and a resource name");
    assert!(parse_instance("module.a").is_err());
}
