//! Modules from git.

use std::path::Path;

use super::INDEX;
use crate::faults::Project;
use crate::program;

/// A repository with a module, another one in a folder, and the tag v1; its address.
fn repository(folder: &Path) -> String {
    let git = |arguments: &[&str]| {
        let mut git = program::start("git", folder);
        let who = ["-c", "user.email=a@example.com", "-c", "user.name=a"];
        let output = git.args(who).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    fs_err::create_dir(folder.join("sub")).unwrap();
    fs_err::write(
        folder.join("main.tf"),
        "output \"from\" {\n  value = \"top\"\n}\n",
    )
    .unwrap();
    let sub = "module \"beside\" {\n  source = \"../\"\n}\noutput \"from\" {\n  value = \"sub of ${module.beside.from}\"\n}\n";
    fs_err::write(folder.join("sub/main.tf"), sub).unwrap();
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "one"]);
    git(&["tag", "v1"]);
    fs_err::write(
        folder.join("main.tf"),
        "output \"from\" {\n  value = \"new top\"\n}\n",
    )
    .unwrap();
    git(&["commit", "--quiet", "-am", "two"]);
    format!("git::file://{}", folder.display())
}

#[test]
fn modules_from_git_are_installed_as_terraform_does_it() {
    if !program::is_installed("git", "--version") {
        eprintln!("SKIPPED: there is no git, so no module was cloned");
        return;
    }
    let (_home, folder) = program::folder();
    let source = repository(&folder);
    let text = format!(
        "module \"new\" {{\n  source = \"{source}\"\n}}\nmodule \"old\" {{\n  source = \"{source}//sub?ref=v1\"\n}}\nmodule \"local\" {{\n  source = \"./local\"\n}}\noutput \"all\" {{\n  value = [module.new.from, module.old.from]\n}}\n"
    );
    let project = Project::new(&text);
    fs_err::create_dir(project.path("local")).unwrap();
    project.bad(&["plan"], &["Module not installed", "keyform init"]);
    let said = project.good(&["init"]);
    assert!(said.contains("- old in .terraform/modules/old/sub"), "{said}");
    let index = project.text(INDEX);
    assert!(
        project.good(&["plan"]).contains("\"new top\""),
        "the default branch"
    );
    assert!(project.good(&["plan"]).contains("\"sub of top\""), "the tag");
    // Nothing is cloned twice.
    assert!(!project.good(&["init"]).contains("Downloading"));
    assert!(project.good(&["init", "-upgrade"]).contains("Downloading"));
    // The folder that is called with another source is not taken for it, and stays until there is a better one.
    project.write("main.tf", text.replace("ref=v1", "ref=nowhere"));
    project.bad(&["plan"], &["Module source has changed", "ref=v1"]);
    project.bad(&["init"], &["Failed to install module", "git says:", "nowhere"]);
    project.bad(&["init", "-upgrade"], &["Failed to install module", "nowhere"]);
    project.write("main.tf", &*text);
    project.good(&["validate"]);
    let Some(mut terraform) = project.terraform(&["init", "-no-color"]) else {
        return;
    };
    let output = terraform.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(
        !String::from_utf8_lossy(&output.stdout).contains("Downloading"),
        "terraform takes ours"
    );
    fs_err::remove_dir_all(project.path(".terraform")).unwrap();
    let output = project
        .terraform(&["init", "-no-color"])
        .unwrap()
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(project.text(INDEX), index);
    assert!(
        !project.good(&["init"]).contains("Downloading"),
        "we take terraform's"
    );
}

/// Who may write into an installed module says what is applied.
#[test]
fn nobody_else_may_write_what_is_installed() {
    use std::os::unix::fs::PermissionsExt as _;
    if !program::is_installed("git", "--version") {
        eprintln!("SKIPPED: there is no git, so no module was cloned");
        return;
    }
    let (_home, folder) = program::folder();
    let source = repository(&folder);
    let project = Project::new(&format!("module \"m\" {{\n  source = \"{source}\"\n}}\n"));
    let ran = project.shell("umask 000; $keyform init");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut folders = vec![project.path(".terraform")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let found = fs_err::symlink_metadata(&path).unwrap();
            assert_eq!(found.permissions().mode() & 0o002, 0, "{}", path.display());
            seen += 1;
            folders.extend(found.is_dir().then_some(path));
        }
    }
    assert!(seen > 5, "{seen}");
}
