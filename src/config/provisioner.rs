//! Provisioners: commands that run beside an object, after it is made or before it goes.

use std::collections::BTreeMap;

use crate::addr::{Subject, Text};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lang::decode;
use crate::lang::spec::{AttributeSpec, BlockSpec};
use crate::lang::syntax::{Block, Body, Expr, ExprKind};
use crate::value::{Constraint, Defaults, Type};

use super::reader::{Reader, labels};

/// `provisioner "local-exec" {}`
#[derive(Clone, Debug)]
pub struct Provisioner {
    /// It runs before the object goes, not after it is made.
    pub on_destroy: bool,
    /// Its failure is told and nothing more.
    pub may_fail: bool,
    /// Everything that is no meta-argument.
    pub body: Body,
    pub span: Span,
}

/// The kind of provisioner that there is.
pub const LOCAL_EXEC: &str = "local-exec";

/// What a `local-exec` block may hold.
pub fn local_exec() -> BlockSpec {
    let argument = |ty: Type, required: bool| AttributeSpec {
        ty: Constraint {
            ty,
            defaults: Defaults::default(),
        },
        required,
        optional: !required,
        computed: false,
        sensitive: false,
        write_only: false,
        deprecated: None,
        about: "".into(),
    };
    let texts = [
        ("command", argument(Type::String, true)),
        ("working_dir", argument(Type::String, false)),
        ("interpreter", argument(Type::list(Type::String), false)),
        ("environment", argument(Type::map(Type::String), false)),
        ("quiet", argument(Type::Bool, false)),
    ];
    BlockSpec {
        attributes: texts.into_iter().map(|(name, one)| (name.into(), one)).collect(),
        blocks: BTreeMap::new(),
    }
}

pub(super) fn provisioner(block: Block, problems: &mut Diagnostics) -> Option<Provisioner> {
    let [kind] = labels(&block, ["type"], problems)?;
    let (span, body_span) = (block.header, block.body.span);
    if &*kind != LOCAL_EXEC {
        problems.push(unsupported(&kind).at(span));
        return None;
    }
    let mut reader = Reader::new(block.body, span, problems);
    let on_destroy = keyword(&mut reader, "when", ["create", "destroy"]);
    let may_fail = keyword(&mut reader, "on_failure", ["fail", "continue"]);
    for connection in reader.take_blocks("connection") {
        refuse_connection(&connection, reader.problems);
    }
    let mut body = reader.rest(body_span);
    problems.extend(decode::decide(&mut body, Some(&local_exec())));
    if on_destroy {
        check_references(&body, problems);
    }
    Some(Provisioner {
        on_destroy,
        may_fail,
        body,
        span,
    })
}

fn unsupported(kind: &str) -> Diagnostic {
    if ["remote-exec", "file"].contains(&kind) {
        let detail = format!(
            "keyform does not run \"{kind}\" provisioners: they work inside another machine over SSH or WinRM, and keyform manages keys, which have none. Use \"local-exec\" with a command that connects by itself."
        );
        return Diagnostic::error("Unsupported provisioner", detail);
    }
    let detail = format!("There is no provisioner of the type \"{kind}\". keyform runs \"local-exec\".");
    Diagnostic::error("Unsupported provisioner", detail)
}

/// `connection` blocks say how to reach another machine.
pub(super) fn refuse_connection(block: &Block, problems: &mut Diagnostics) {
    problems.push(
        Diagnostic::error(
            "Unsupported block type",
            "A connection block tells provisioners how to reach another machine, and the only ones that keyform runs, \"local-exec\", reach none. Remove it.",
        )
        .at(block.header),
    );
}

/// Whether an argument is the second of two words; the first is what it is by default.
fn keyword(reader: &mut Reader<'_>, name: &'static str, words: [&str; 2]) -> bool {
    let Some(expr) = reader.take(name) else {
        return false;
    };
    let word = match &expr.kind {
        ExprKind::Traversal(traversal) if traversal.steps.is_empty() => Some(&*traversal.root),
        ExprKind::Literal(value) => value.as_str(),
        _ => None,
    };
    if let Some(at) = words.iter().position(|known| word == Some(known)) {
        return at == 1;
    }
    let detail = format!("The \"{name}\" argument must be {} or {}.", words[0], words[1]);
    let problem = Diagnostic::error(format!("Invalid \"{name}\" keyword"), detail);
    reader.problems.push(problem.at(expr.span));
    false
}

/// What goes knows itself: others may have gone before it.
fn check_references(body: &Body, problems: &mut Diagnostics) {
    let mut see = |expr: &Expr| {
        for (reference, span) in expr.references() {
            let allowed = match &reference.subject {
                Subject::Itself | Subject::Path(_) | Subject::Terraform(_) => true,
                Subject::Each(name) => is(name, "key"),
                Subject::Count(name) => is(name, "index"),
                _ => false,
            };
            if !allowed {
                let detail = "Destroy-time provisioners and their connection configurations may only reference attributes of the related resource, via 'self', 'count.index', or 'each.key'.\n\nReferences to other resources during the destroy phase can cause dependency cycles and interact poorly with create_before_destroy.";
                let problem = Diagnostic::error("Invalid reference from destroy provisioner", detail);
                problems.push(problem.at(span));
            }
        }
    };
    body.attributes.iter().for_each(|attribute| see(&attribute.expr));
}

fn is(name: &Text, word: &str) -> bool {
    &**name == word
}
