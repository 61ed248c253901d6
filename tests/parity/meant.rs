//! Where keyform is meant to differ from terraform, and why.

/// Differences that are meant: the case, what is compared, and why.
pub(super) const MEANT: &[(&str, &[&str], &str)] = &[
    (
        "checks/conditions",
        &["apply"],
        "that a check waits is told by the plan of an apply as well",
    ),
    (
        "empty/nothing",
        &["state", "state list"],
        "where there is nothing to record, no state file is made",
    ),
    (
        "errors/depends_on_unknown",
        &["errors"],
        "a quoted reference is an error, not a deprecated form",
    ),
    (
        "errors/lifecycle_arguments",
        &["errors"],
        "a value that is no constant is reported as an unsuitable value",
    ),
    (
        "errors/missing_module",
        &["errors"],
        "modules need no installation, so it is the folder that is missing",
    ),
    (
        "errors/state_newer",
        &["errors"],
        "a state that cannot be read is reported as such",
    ),
    (
        "errors/state_torn",
        &["errors"],
        "a state that cannot be read is reported as such",
    ),
    (
        "errors/triggered_by_unknown",
        &["errors"],
        "the undeclared names themselves are reported",
    ),
    (
        "errors/validation_without_variable",
        &["plan"],
        "a validation that does not look at its variable does no harm",
    ),
    (
        "import/into_module",
        &["show -json PLAN"],
        "a provider without any block has its key from the root module",
    ),
    (
        "language/negative_zero",
        &["show -json PLAN"],
        "there is no negative zero",
    ),
    (
        "language/unknowns",
        &["plan", "show -json PLAN", "apply"],
        "an unknown id is not known to differ from null",
    ),
    (
        "lifecycle/ignore_key_of_object",
        &[
            "plan",
            "show -json PLAN",
            "apply",
            "state",
            "show -json",
            "keyform on their state",
        ],
        "only the key that is named is ignored, not the whole object",
    ),
    (
        "modules/nested",
        &["show -json PLAN"],
        "a provider without any block has its key from the root module",
    ),
    (
        "modules/repeated",
        &["show -json PLAN"],
        "a provider without any block has its key from the root module",
    ),
    (
        "modules/sensitive_whole",
        &["plan"],
        "what a module calls sensitive stays so two modules up: terraform shows it",
    ),
    (
        "moves/inside_module",
        &["show -json PLAN"],
        "a provider without any block has its key from the root module",
    ),
    (
        "moves/inside_module_keys",
        &["show -json PLAN"],
        "a provider without any block has its key from the root module",
    ),
    (
        "moves/into_module",
        &["show -json PLAN"],
        "a provider without any block has its key from the root module",
    ),
    (
        "moves/module",
        &["show -json PLAN"],
        "a provider without any block has its key from the root module",
    ),
    (
        "options/destroy",
        &["show -json PLAN", "state"],
        "checks leave no results behind when everything goes",
    ),
    (
        "options/destroy_nothing",
        &["state", "state list"],
        "where there is nothing to record, no state file is made",
    ),
    (
        "options/var_file",
        &["show -json PLAN"],
        "variables are shown with their declared types",
    ),
    (
        "outputs/change",
        &["show -json PLAN"],
        "an output that is null is no output",
    ),
    (
        "outputs/none_to_some",
        &["show -json PLAN"],
        "an output that is null is no output",
    ),
    (
        "removed/forgotten",
        &["show -json PLAN"],
        "what is forgotten is no planned value",
    ),
    (
        "rendering/sensitive_created",
        &["plan", "show -json PLAN", "apply"],
        "the output of a sensitive input is hidden: terraform shows it",
    ),
    (
        "rendering/sensitive_input",
        &["plan", "show -json PLAN", "apply"],
        "the output of a sensitive input is hidden: terraform shows it",
    ),
    (
        "rendering/sensitive_unchanged",
        &["show -json PLAN"],
        "the output of a sensitive input is hidden: terraform shows it",
    ),
    (
        "repetition/count_zero",
        &["show -json PLAN"],
        "an output that is null is no output",
    ),
    (
        "variables/precedence",
        &["show -json PLAN"],
        "variables are shown with their declared types",
    ),
    (
        "variables/validation_passes",
        &["show -json PLAN"],
        "variables are shown with their declared types",
    ),
];
