//! Reads `argument`, `attribute` and `block`.

use indexmap::IndexMap;

use super::super::argument::{Alias, Argument, Attribute, Checks, ForceNew, Format, NestedBlock};
use super::super::native::{Equivalence, Form};
use super::super::pattern::Pattern;
use super::reader::{Reader, constant};
use crate::diag::Diagnostic;
use crate::lang::spec::Nesting;
use crate::lang::syntax::{Attribute as Written, Expr, ExprKind};
use crate::value::{Text, Type, Value, convert};

/// All arguments and nested blocks of a body.
pub(super) fn read_members(
    reader: &mut Reader<'_, '_>,
) -> (IndexMap<Text, Argument>, IndexMap<Text, NestedBlock>) {
    (reader.named("argument", argument), reader.named("block", block))
}

/// One `argument`. The `env` of provider arguments is read by who wants it.
pub(super) fn argument(name: Text, mut reader: Reader<'_, '_>) -> Argument {
    let argument = Argument {
        write_only: reader.flag("write_only"),
        read: reader.expr("read"),
        plan: reader.expr("plan"),
        stored: stored(&mut reader),
        ignore_when: reader.expr("ignore_when"),
        within: reader.text("within"),
        deprecated: reader.text("deprecated"),
        alias: alias(&mut reader),
        ..plain(name, &mut reader)
    };
    reader.finish();
    argument
}

/// One `argument` of a nested block. It is read, planned and kept with the block, so it has nothing of that itself.
fn nested_argument(name: Text, mut reader: Reader<'_, '_>) -> Argument {
    let argument = plain(name, &mut reader);
    reader.finish();
    argument
}

/// What every argument may say.
fn plain(name: Text, reader: &mut Reader<'_, '_>) -> Argument {
    reader.attribute("env");
    let ty = ty(reader);
    Argument {
        about: reader.text("about").unwrap_or_else(|| "".into()),
        required: reader.flag("required"),
        default: default(reader, &ty),
        computed: reader.flag("computed"),
        force_new: force_new(reader),
        sensitive: reader.flag("sensitive"),
        write_only: false,
        checks: checks(reader),
        read: None,
        plan: None,
        same: same(reader),
        stored: None,
        ignore_when: None,
        within: None,
        deprecated: None,
        alias: None,
        span: reader.span(),
        name,
        ty,
    }
}

/// One `attribute`.
pub(super) fn attribute(name: Text, mut reader: Reader<'_, '_>) -> Attribute {
    let attribute = Attribute {
        name,
        about: reader.text("about").unwrap_or_else(|| "".into()),
        ty: ty(&mut reader),
        sensitive: reader.flag("sensitive"),
        read: reader.expr("read"),
        plan: reader.expr("plan"),
        stored: stored(&mut reader),
        same: same(&mut reader),
        deprecated: reader.text("deprecated"),
        span: reader.span(),
    };
    reader.finish();
    attribute
}

fn block(name: Text, mut reader: Reader<'_, '_>) -> NestedBlock {
    let nesting = match reader.text("nesting").as_deref() {
        None | Some("list") => Nesting::List,
        Some("set") => Nesting::Set,
        Some("single") => Nesting::Single,
        Some("map") => Nesting::Map,
        Some(other) => {
            let detail = format!("There is no nesting {other:?}: it is list, set, single or map.");
            let at = reader.span();
            reader
                .problems
                .push(Diagnostic::error("Unknown nesting", detail).at(at));
            Nesting::List
        }
    };
    let count = |value: Option<i64>| value.and_then(|count| usize::try_from(count).ok());
    let mut arguments = reader.named("argument", nested_argument);
    arguments.extend(accepted(&mut reader));
    let blocks = reader.named("block", block);
    let block = NestedBlock {
        name,
        about: reader.text("about").unwrap_or_else(|| "".into()),
        nesting,
        min: count(reader.whole("min")).unwrap_or(0),
        max: count(reader.whole("max")).or((nesting == Nesting::Single).then_some(1)),
        force_new: force_new(&mut reader),
        arguments,
        blocks,
        read: reader.expr("read"),
        span: reader.span(),
    };
    reader.finish();
    block
}

/// Arguments that are text and have no effect, of which a file says the names alone.
fn accepted(reader: &mut Reader<'_, '_>) -> Vec<(Text, Argument)> {
    let span = reader.span();
    let argument = |name: Text| Argument {
        name,
        about: "Has no effect.".into(),
        ty: Type::String,
        required: false,
        default: None,
        computed: false,
        force_new: ForceNew::Never,
        sensitive: false,
        write_only: false,
        checks: Checks::default(),
        read: None,
        plan: None,
        same: None,
        stored: None,
        ignore_when: None,
        within: None,
        deprecated: None,
        alias: None,
        span,
    };
    let names = reader.texts("accepts");
    names
        .into_iter()
        .map(|name| (name.clone(), argument(name)))
        .collect()
}

fn checks(reader: &mut Reader<'_, '_>) -> Checks {
    let format = reader.attribute("format").and_then(|written| {
        by_name(
            reader,
            written,
            &[
                ("json", Format::Json),
                ("json_object", Format::JsonObject),
                ("rfc3339", Format::Rfc3339),
                ("base64", Format::Base64),
                ("duration", Format::Duration),
                ("regex", Format::Regex),
            ],
        )
    });
    Checks {
        one_of: reader.texts("one_of"),
        range: reader.pair("range"),
        length: reader.pair("length"),
        pattern: reader.text("pattern").map(Pattern::new),
        format,
        needs: reader.texts("needs"),
        conflicts: reader.texts("conflicts"),
        exactly_one: reader.texts("exactly_one"),
        expected: reader.flag("expected"),
    }
}

fn alias(reader: &mut Reader<'_, '_>) -> Option<Alias> {
    let (of, into, back) = (reader.text("alias_of"), reader.expr("into"), reader.expr("back"));
    Some(Alias { of: of?, into, back })
}

fn force_new(reader: &mut Reader<'_, '_>) -> ForceNew {
    match reader.expr("force_new") {
        None => ForceNew::Never,
        Some(expr) => match constant(&expr).as_ref().and_then(Value::as_bool) {
            Some(true) => ForceNew::Always,
            Some(false) => ForceNew::Never,
            None => ForceNew::When(expr),
        },
    }
}

fn same(reader: &mut Reader<'_, '_>) -> Option<Equivalence> {
    let written = reader.attribute("same")?;
    by_name(reader, written, Equivalence::ALL)
}

fn stored(reader: &mut Reader<'_, '_>) -> Option<Form> {
    let written = reader.attribute("stored")?;
    by_name(reader, written, Form::ALL)
}

/// What a name stands for in a table; a complaint lists the table.
fn by_name<T: Copy>(reader: &mut Reader<'_, '_>, written: &Written, table: &[(&str, T)]) -> Option<T> {
    let value = constant(&written.expr);
    let found = value
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|name| table.iter().find(|(known, _)| *known == name));
    if found.is_none() {
        let names: Vec<_> = table.iter().map(|(name, _)| format!("{name:?}")).collect();
        reader.wrong(written, &format!("one of {}", names.join(", ")));
    }
    found.map(|(_, value)| *value)
}

fn default(reader: &mut Reader<'_, '_>, ty: &Type) -> Option<Value> {
    let value = reader.constant("default")?;
    let converted = convert::convert(&value, ty).ok();
    if converted.is_none()
        && let Some(attribute) = reader.attribute("default")
    {
        reader.wrong(attribute, "of the argument's type");
    }
    converted
}

fn ty(reader: &mut Reader<'_, '_>) -> Type {
    let Some(attribute) = reader.attribute("type") else {
        reader.missing("type");
        return Type::Dynamic;
    };
    type_of(&attribute.expr).unwrap_or_else(|| {
        reader.wrong(attribute, "a type");
        Type::Dynamic
    })
}

fn type_of(expr: &Expr) -> Option<Type> {
    match &expr.kind {
        ExprKind::Traversal(traversal) if traversal.steps.is_empty() => match &*traversal.root {
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "bool" => Some(Type::Bool),
            "any" => Some(Type::Dynamic),
            _ => None,
        },
        ExprKind::Call(call) => {
            let [element] = call.arguments.as_slice() else {
                return None;
            };
            match &*call.name {
                "list" => type_of(element).map(Type::list),
                "set" => type_of(element).map(Type::set),
                "map" => type_of(element).map(Type::map),
                "object" => super::reader::entries(element)?
                    .into_iter()
                    .map(|(name, expr)| Some((name, type_of(&expr)?)))
                    .collect::<Option<_>>()
                    .map(Type::object),
                _ => None,
            }
        }
        _ => None,
    }
}
