//! Every schema file loads, every name in it resolves, and every type has an example.

use std::path::Path;

use keyform::diag::{Diagnostic, Sources};
use keyform::lang::decode;
use keyform::lang::spec::BlockSpec;
use keyform::lang::syntax::{self, Block, Body};
use keyform::schema::{self, Catalog, Mode};

const MODES: [Mode; 3] = [Mode::Managed, Mode::Data, Mode::Ephemeral];

#[test]
fn every_schema_file_loads_and_its_names_resolve() {
    let sources = schema::sources();
    let problems: Vec<String> = schema::check_all()
        .iter()
        .map(|problem| line(problem, &sources))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_type_has_an_example_that_uses_it() {
    let mut missing = Vec::new();
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            let file = example(mode, &name);
            let kind = match mode {
                Mode::Managed => "resource",
                mode => mode.word(),
            };
            let text = fs_err::read_to_string(&file).unwrap_or_default();
            if !text.contains(&format!("{kind} \"{name}\"")) {
                missing.push(file);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no example uses the type in:\n{}",
        missing.join("\n")
    );
}

#[test]
fn what_holds_objects_is_a_type_whose_end_is_told() {
    let catalog = Catalog::get();
    let mut found = 0;
    for name in catalog.names(Mode::Managed) {
        let ty = catalog.resource_type(&name).unwrap().unwrap();
        for (argument, container) in ty.containers() {
            let container = catalog.resource_type(container).unwrap().unwrap();
            let is_told = container.holds_others() || container.destroy == schema::Destroy::Irreversible;
            assert!(is_told, "{name}.{argument}: {}", container.name);
            found += 1;
        }
    }
    assert_eq!(found, 3);
}

#[test]
fn the_readme_names_every_type() {
    let readme = include_str!("../README.md");
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            assert!(
                readme.contains(&format!("`{name}`")),
                "{name} is not in README.md"
            );
        }
    }
}

#[test]
fn every_native_function_is_documented() {
    let text = include_str!("../docs/schema-language.md");
    for name in schema::native::FUNCTIONS {
        assert!(
            text.contains(&format!("`native::{name}(")),
            "{name} is not documented"
        );
    }
}

#[test]
fn every_type_says_what_it_is() {
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            let ty = Catalog::get().find(mode, &name).expect("listed").expect("loads");
            let abouts = ty.arguments.values().map(|one| (&one.name, &one.about));
            let abouts = abouts.chain(ty.attributes.values().map(|one| (&one.name, &one.about)));
            assert!(!ty.about.is_empty(), "{name} has no about");
            for (member, about) in abouts {
                assert!(!about.is_empty(), "{name}.{member} has no about");
            }
        }
    }
}

#[test]
fn every_example_fits_the_schemas() {
    let mut sources = Sources::new();
    let mut problems = Vec::new();
    for mode in MODES {
        for name in Catalog::get().names(mode) {
            let file = example(mode, &name);
            let text = fs_err::read_to_string(&file).expect("the example is readable");
            let id = sources.add(file, text.as_str());
            let body = syntax::parse_body(id, &text).unwrap_or_else(|errors| {
                panic!(
                    "{}",
                    errors
                        .iter()
                        .map(|one| line(one, &sources))
                        .collect::<Vec<_>>()
                        .join("\n")
                )
            });
            for mut block in body.blocks {
                if let Some(spec) = spec_of(&block) {
                    block.body.blocks.retain(|inner| &*inner.kind != "provisioner");
                    problems.extend(
                        decode::check(&without_meta(&block.body), &spec)
                            .iter()
                            .map(|one| line(one, &sources)),
                    );
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Actions that a type calls and whose request quota no page tells. They are held back only once they are throttled.
const UNDOCUMENTED: [&str; 5] = [
    "alicloud CreateKeyVersion",
    "alicloud GetKeyPolicy",
    "alicloud GetSecretPolicy",
    "alicloud SetKeyPolicy",
    "alicloud SetSecretPolicy",
];

#[test]
fn every_action_that_a_type_calls_has_its_documented_quota() {
    let mut missing = std::collections::BTreeSet::new();
    for name in MODES.iter().flat_map(|mode| {
        Catalog::get()
            .names(*mode)
            .into_iter()
            .map(move |name| (*mode, name))
    }) {
        let ty = Catalog::get()
            .find(name.0, &name.1)
            .expect("listed")
            .expect("loads");
        let provider = name.1.split('_').next().unwrap_or_default();
        let Some(provider) = Catalog::get().provider(provider) else {
            continue;
        };
        for call in ty.calls() {
            let service = call.service.as_ref().unwrap_or(&ty.service);
            if &**service == "kms" {
                let quotas = &provider.clone().expect("loads").services[service].quotas;
                if !quotas.iter().any(|quota| quota.actions.contains(&call.action)) {
                    missing.insert(format!("{} {}", ty.provider, call.action));
                }
            }
        }
    }
    assert_eq!(missing.into_iter().collect::<Vec<_>>(), UNDOCUMENTED);
}

/// Whether actions have this many calls a second, together or each for itself.
#[track_caller]
fn check_quota(provider: &str, per_second: u32, together: bool, actions: &str) {
    let schema = Catalog::get().provider(provider).expect("known").expect("loads");
    let of = |action: &str| {
        let holds = |quota: &&schema::Quota| quota.actions.iter().any(|name| &**name == action);
        let quotas = &schema.services["kms"].quotas;
        assert_eq!(quotas.iter().filter(holds).count(), 1, "{action}");
        quotas.iter().find(holds).expect("it was counted")
    };
    let actions: Vec<&str> = actions.split(' ').collect();
    for action in &actions {
        let quota = of(action);
        assert_eq!(quota.per_second, per_second, "{action}");
        let alone = quota.actions.len() == 1;
        assert!(
            std::ptr::eq(quota, of(actions[0])) == together || alone,
            "{action}"
        );
        assert_eq!(alone, !together || actions.len() == 1, "{action}");
    }
}

#[test]
fn quotas_are_those_of_the_clouds_pages() {
    let each = |per_second, actions| check_quota("aws", per_second, false, actions);
    each(2000, "DescribeKey ListResourceTags GetPublicKey");
    each(1000, "GetKeyPolicy GetKeyRotationStatus");
    each(500, "ListAliases ListKeys");
    each(
        100,
        "ListGrants ListRetirableGrants ListKeyPolicies ListKeyRotations",
    );
    each(50, "CreateGrant RetireGrant RevokeGrant");
    each(
        15,
        "PutKeyPolicy ScheduleKeyDeletion EnableKeyRotation DeleteAlias ImportKeyMaterial DeleteImportedKeyMaterial",
    );
    each(10, "TagResource");
    each(
        5,
        "CreateKey CreateAlias UpdateAlias UntagResource EnableKey DisableKey DisableKeyRotation CancelKeyDeletion UpdateKeyDescription ReplicateKey UpdatePrimaryRegion RotateKeyOnDemand GetKeyLastUsage CreateCustomKeyStore DescribeCustomKeyStores UpdateCustomKeyStore DeleteCustomKeyStore ConnectCustomKeyStore DisconnectCustomKeyStore",
    );
    each(1, "GetParametersForImport");
    check_quota(
        "aws",
        10_000,
        true,
        "Encrypt Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateRandom ReEncrypt",
    );
    let together = |per_second, actions| check_quota("alicloud", per_second, true, actions);
    together(
        50,
        "DescribeKey ListKeys DescribeKeyVersion ListKeyVersions GetPublicKey ListAliases ListAliasesByKeyId ListTagResources GetParametersForImport DescribeRegions",
    );
    together(300, "ListResourceTags");
    together(10, "CreateKey");
    together(
        30,
        "EnableKey DisableKey ScheduleKeyDeletion CancelKeyDeletion UpdateKeyDescription UpdateRotationPolicy SetDeletionProtection ImportKeyMaterial DeleteKeyMaterial CreateAlias UpdateAlias DeleteAlias TagResource UntagResource TagResources UntagResources",
    );
    together(10, "CreateSecret DeleteSecret");
    together(450, "DescribeSecret GetSecretValue");
    together(
        40,
        "ListSecrets ListSecretVersionIds PutSecretValue UpdateSecret UpdateSecretVersionStage UpdateSecretRotationPolicy RestoreSecret GetRandomPassword",
    );
    together(50, "GetKmsInstance ListKmsInstances");
}

/// A body without what every resource may have, whatever its type.
fn without_meta(body: &Body) -> Body {
    let mut own = body.clone();
    own.attributes
        .retain(|one| !["count", "depends_on", "for_each", "provider"].contains(&&*one.name));
    own.blocks.retain(|one| &*one.kind != "lifecycle");
    own
}

/// What a block of an example may hold, where a schema says so.
fn spec_of(block: &Block) -> Option<BlockSpec> {
    let catalog = Catalog::get();
    let label = &block.labels.first()?.text;
    match &*block.kind {
        "resource" => Some(catalog.resource_type(label)?.expect("loads").spec.clone()),
        "ephemeral" => Some(catalog.find(Mode::Ephemeral, label)?.expect("loads").spec.clone()),
        "data" => Some(catalog.data_source(label)?.expect("loads").spec.clone()),
        "provider" => Some(catalog.provider(label)?.expect("loads").spec.clone()),
        _ => None,
    }
}

/// Where the example of a type stands.
pub fn example(mode: Mode, name: &str) -> String {
    let (cloud, rest) = name
        .split_once('_')
        .expect("types are named after their provider");
    let (folder, file) = if Path::new(&format!("schemas/{cloud}")).is_dir() {
        (cloud, rest)
    } else {
        ("builtin", name)
    };
    let below = match mode {
        Mode::Managed => "",
        Mode::Data => "data/",
        Mode::Ephemeral => "ephemeral/",
    };
    format!(
        "{}/examples/{folder}/{below}{file}/main.tf",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// A problem on one line, with its place.
fn line(problem: &Diagnostic, sources: &Sources) -> String {
    let place = problem.span.and_then(|span| {
        let position = sources.position(span.file, span.start);
        sources
            .get(span.file)
            .map(|source| format!("{}:{}:{}", source.name, position.line, position.column))
    });
    format!(
        "{}: {}: {} {}",
        place.unwrap_or_default(),
        problem.summary,
        problem.detail,
        problem.hints.join(" ")
    )
}
