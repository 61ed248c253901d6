//! Functions on files and their paths. Relative paths start at the working folder.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Args, Func, FuncError, Kind, Param, text};
use crate::value::{Type, Value};

const PATH: &[Param] = &[text("path")];

const fn on(
    name: &'static str,
    returns: Kind,
    about: &'static str,
    examples: super::Examples,
    call: super::Call,
) -> Func {
    Func {
        name,
        params: PATH,
        variadic: None,
        returns,
        about,
        examples,
        call,
    }
}

pub(super) const FUNCTIONS: &[Func] = &[
    on(
        "file",
        Kind::String,
        "The text of a file.",
        &[("file(\"keys/app.txt\")", "<<EOT\nhello\n\nEOT")],
        |args| Ok(read_text(args, 0)?.into()),
    ),
    on(
        "filebase64",
        Kind::String,
        "The bytes of a file in Base64.",
        &[("filebase64(\"keys/app.txt\")", "\"aGVsbG8K\"")],
        |args| {
            let bytes = read(args, 0)?;
            args.spend_text(bytes.len().saturating_mul(2))?;
            Ok(STANDARD.encode(bytes).into())
        },
    ),
    on(
        "fileexists",
        Kind::Bool,
        "Whether a regular file stands at a path.",
        &[
            ("fileexists(\"keys/app.txt\")", "true"),
            ("fileexists(\"missing.txt\")", "false"),
        ],
        |args| {
            args.host()
                .file_exists(&expanded(args, 0)?)
                .map(Value::bool)
                .map_err(|why| FuncError::argument(0, why))
        },
    ),
    on(
        "basename",
        Kind::String,
        "The last part of a path.",
        &[("basename(\"keys/app.txt\")", "\"app.txt\"")],
        |args| Ok(base(args.text(0)?).into()),
    ),
    on(
        "dirname",
        Kind::String,
        "A path without its last part.",
        &[("dirname(\"keys/app.txt\")", "\"keys\"")],
        |args| Ok(folder(args.text(0)?).into()),
    ),
    on(
        "abspath",
        Kind::String,
        "The absolute form of a path.",
        &[("abspath(\"keys/../main.tf\")", "\"/here/main.tf\"")],
        |args| {
            let path = args.text(0)?;
            if path.starts_with('/') {
                return Ok(clean(path).into());
            }
            Ok(clean(&format!("{}/{path}", args.host().working_dir().display())).into())
        },
    ),
    on(
        "pathexpand",
        Kind::String,
        "A path with a leading ~ replaced by the home folder.",
        &[("pathexpand(\"~/keys\")", "\"/home/keys\"")],
        |args| Ok(expanded(args, 0)?.into()),
    ),
    Func {
        name: "fileset",
        params: &[text("path"), text("pattern")],
        variadic: None,
        returns: Kind::Set(&Kind::String),
        about: "The paths of the files in a folder that match a pattern.",
        examples: &[("fileset(\"keys\", \"*.txt\")", "toset([\n  \"app.txt\",\n])")],
        call: fileset,
    },
];

/// The path that an argument names, with the home folder in place of a leading `~`.
fn expanded(args: &Args<'_>, at: usize) -> Result<String, FuncError> {
    let path = args.text(at)?;
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(path.to_owned());
    };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(FuncError::argument(at, "cannot expand user-specific home dir"));
    }
    let home = args
        .host()
        .home_dir()
        .ok_or_else(|| FuncError::argument(at, "the home folder is not known: HOME is not set"))?;
    Ok(clean(&format!("{}/{rest}", home.display())))
}

/// The bytes of the file that an argument names.
pub(super) fn read(args: &Args<'_>, at: usize) -> Result<Vec<u8>, FuncError> {
    let bytes = args
        .host()
        .read_file(&expanded(args, at)?)
        .map_err(|why| FuncError::argument(at, why))?;
    args.spend_text(bytes.len())?;
    Ok(bytes)
}

/// The text of the file that an argument names.
pub(super) fn read_text(args: &Args<'_>, at: usize) -> Result<String, FuncError> {
    let path = args.text(at)?;
    String::from_utf8(read(args, at)?).map_err(|_| {
        FuncError::argument(
            at,
            format!(
                "contents of \"{path}\" are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead"
            ),
        )
    })
}

fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return if path.is_empty() { "." } else { "/" };
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

fn folder(path: &str) -> String {
    path.rfind('/')
        .map_or_else(|| ".".to_owned(), |at| clean(&path[..=at]))
}

/// A path without empty parts, `.` and resolvable `..`.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&"..") | None if !rooted => parts.push(".."),
                _ => {
                    parts.pop();
                }
            },
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".into(),
        (false, false) => parts.join("/"),
    }
}

fn fileset(args: &Args<'_>) -> Result<Value, FuncError> {
    let found = super::glob::find(args, &expanded(args, 0)?, args.text(1)?)?;
    args.spend_elements(found.len())?;
    Ok(Value::set(
        Type::String,
        found.iter().map(|path| Value::string(path)).collect(),
    ))
}
