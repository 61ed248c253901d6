//! Reads `read`, `create`, `update`, `delete`, and what stands in them.

use super::super::operation::{
    Among, CallSpec, Create, Delete, Fallback, Find, Group, LocalEffect, Pages, Read, Refuse, Restore,
    Retire, Timeouts, Together, Usage, Wait,
};
use super::super::provider::Poll;
use super::super::resource::Rule;
use super::reader::{Reader, constant, entries};
use crate::cloud::Effect;
use crate::diag::Diagnostic;
use crate::lang::syntax::{Block, Expr};
use crate::value::Value;

/// The first of several blocks of one kind, to stand for all of them in messages.
fn merged<'a, 'd>(blocks: &[&'a Block], reader: &'d mut Reader<'_, '_>) -> Option<Reader<'a, 'd>> {
    let at = blocks.first()?.header;
    let bodies = blocks.iter().map(|block| &block.body).collect();
    Some(Reader::over(bodies, at, reader.problems))
}

/// All `read` blocks as one.
pub(super) fn read(reader: &mut Reader<'_, '_>) -> Option<Read> {
    read_in("read", reader)
}

/// All `find` blocks as one.
pub(super) fn find(reader: &mut Reader<'_, '_>) -> Option<Read> {
    read_in("find", reader)
}

/// All `among` blocks as one.
pub(super) fn among(reader: &mut Reader<'_, '_>) -> Option<Among> {
    let blocks = reader.blocks("among");
    let mut inner = merged(&blocks, reader)?;
    let lost = inner.text("lost");
    let read = read_of(&mut inner);
    inner.finish();
    Some(Among { read, lost })
}

/// All `survey` blocks as one.
pub(super) fn survey(reader: &mut Reader<'_, '_>) -> Option<Read> {
    read_in("survey", reader)
}

/// All `pending` blocks as one.
pub(super) fn pending(reader: &mut Reader<'_, '_>) -> Option<Read> {
    read_in("pending", reader)
}

fn read_in(kind: &'static str, reader: &mut Reader<'_, '_>) -> Option<Read> {
    let blocks = reader.blocks(kind);
    let mut inner = merged(&blocks, reader)?;
    let read = read_of(&mut inner);
    inner.finish();
    Some(read)
}

fn read_of(inner: &mut Reader<'_, '_>) -> Read {
    Read {
        once: inner.entries("once"),
        calls: calls(inner, Effect::Read),
        gone: inner.expr("gone"),
        lost_at: inner.expr("lost_at"),
        refuse: inner
            .blocks("refuse")
            .into_iter()
            .map(|block| refuse(block, inner))
            .collect(),
        id: inner.expr("id"),
        effects: effects(inner),
        keep_when: inner.expr("keep_when"),
        span: inner.span(),
    }
}

fn refuse(block: &Block, outer: &mut Reader<'_, '_>) -> Refuse {
    let mut reader = Reader::new(block, outer.problems);
    let refuse = Refuse {
        when: reader.needed("when"),
        message: reader.needed("message"),
        span: reader.span(),
    };
    reader.finish();
    refuse
}

/// All `create` blocks as one.
pub(super) fn create(reader: &mut Reader<'_, '_>, poll: Poll) -> Option<Create> {
    let blocks = reader.blocks("create");
    let mut inner = merged(&blocks, reader)?;
    let effect = if inner.flag("repeatable") {
        Effect::Repeatable
    } else {
        Effect::Creates
    };
    let create = Create {
        once: inner.entries("once"),
        calls: calls(&mut inner, effect),
        effects: effects(&mut inner),
        id: inner.needed("id"),
        leaves: inner.entries("leaves"),
        keeps: inner.entries("keeps"),
        waits: waits(&mut inner, poll),
        span: inner.span(),
    };
    inner.finish();
    Some(create)
}

/// The `update` groups in file order.
pub(super) fn updates(reader: &mut Reader<'_, '_>, poll: Poll) -> Vec<Group> {
    let read = |name, mut reader: Reader<'_, '_>| {
        let group = Group {
            name,
            on: reader.texts("on"),
            when: reader.expr("when"),
            calls: calls(&mut reader, Effect::Repeatable),
            effects: effects(&mut reader),
            waits: waits(&mut reader, poll),
            span: reader.span(),
        };
        reader.finish();
        group
    };
    reader.named("update", read).into_values().collect()
}

/// All `delete` blocks as one.
pub(super) fn delete(reader: &mut Reader<'_, '_>, poll: Poll) -> Option<Delete> {
    let blocks = reader.blocks("delete");
    let mut inner = merged(&blocks, reader)?;
    let delete = Delete {
        rules: rules(&mut inner),
        calls: calls(&mut inner, Effect::Repeatable),
        effects: effects(&mut inner),
        waits: waits(&mut inner, poll),
        span: inner.span(),
    };
    inner.finish();
    Some(delete)
}

/// All `restore` blocks as one.
pub(super) fn restore(reader: &mut Reader<'_, '_>, poll: Poll) -> Option<Restore> {
    let blocks = reader.blocks("restore");
    let mut inner = merged(&blocks, reader)?;
    let restore = Restore {
        calls: calls(&mut inner, Effect::Repeatable),
        leaves: inner.entries("leaves"),
        waits: waits(&mut inner, poll),
        span: inner.span(),
    };
    inner.finish();
    Some(restore)
}

/// All `retire` blocks as one.
pub(super) fn retire(reader: &mut Reader<'_, '_>, poll: Poll) -> Option<Retire> {
    let blocks = reader.blocks("retire");
    let mut inner = merged(&blocks, reader)?;
    let retire = Retire {
        calls: calls(&mut inner, Effect::Repeatable),
        waits: waits(&mut inner, poll),
        span: inner.span(),
    };
    inner.finish();
    Some(retire)
}

/// All `usage` blocks as one.
pub(super) fn usage(reader: &mut Reader<'_, '_>) -> Option<Usage> {
    let blocks = reader.blocks("usage");
    let mut inner = merged(&blocks, reader)?;
    let usage = Usage {
        calls: calls(&mut inner, Effect::Read),
        shows: inner.entries("shows"),
        secret_type: inner.text("secret_type"),
        span: inner.span(),
    };
    inner.finish();
    Some(usage)
}

/// The `rule` blocks of a body.
pub(super) fn rules(reader: &mut Reader<'_, '_>) -> Vec<Rule> {
    let blocks = reader.blocks("rule");
    let rule = |block| {
        let mut reader = Reader::new(block, reader.problems);
        let rule = Rule {
            when: reader.expr("when"),
            holds: reader.needed("holds"),
            message: reader.needed("message"),
            warning: reader.flag("warning"),
            guard: reader.flag("guard"),
            span: reader.span(),
        };
        reader.finish();
        rule
    };
    blocks.into_iter().map(rule).collect()
}

/// The `timeouts` block.
pub(super) fn timeouts(reader: &mut Reader<'_, '_>) -> Timeouts {
    let blocks = reader.blocks("timeouts");
    let Some(mut inner) = merged(&blocks, reader) else {
        return Timeouts::default();
    };
    let timeouts = Timeouts {
        create: inner.duration("create"),
        read: inner.duration("read"),
        update: inner.duration("update"),
        delete: inner.duration("delete"),
    };
    inner.finish();
    timeouts
}

fn calls(reader: &mut Reader<'_, '_>, effect: Effect) -> Vec<CallSpec> {
    let blocks = reader.blocks("call");
    blocks
        .into_iter()
        .filter_map(|block| call(block, reader, effect))
        .collect()
}

fn call(block: &Block, outer: &mut Reader<'_, '_>, usual: Effect) -> Option<CallSpec> {
    let action = outer.label(block)?;
    let mut reader = Reader::new(block, outer.problems);
    let effect = match reader.attribute("repeatable").map(|a| (a, constant(&a.expr))) {
        None => usual,
        Some((attribute, value)) => match value.as_ref().and_then(Value::as_bool) {
            Some(true) if usual != Effect::Read => Effect::Repeatable,
            Some(false) if usual != Effect::Read => Effect::Creates,
            _ => {
                reader.wrong(attribute, "true or false, and not in a read");
                usual
            }
        },
    };
    let for_each = reader.attribute("for_each");
    if let Some(attribute) = for_each.filter(|_| usual != Effect::Read) {
        reader.wrong(attribute, "in a call of read only");
    }
    let blocks = reader.blocks("refuse");
    let refuse = blocks.iter().map(|block| refuse(block, &mut reader)).collect();
    let call = CallSpec {
        action,
        as_name: reader.text("as"),
        params: reader.expr("params"),
        take: reader.expr("take"),
        expects: reader.expr("expects"),
        when: reader.expr("when"),
        for_each: for_each.map(|attribute| attribute.expr.clone()),
        service: reader.text("service"),
        region: reader.expr("region"),
        ok_when: reader.expr("ok_when"),
        gone_when: reader.expr("gone_when"),
        retry_when: reader.expr("retry_when"),
        retry_for: reader.duration("retry_for"),
        null_when: reader.expr("null_when"),
        pages: pages(&mut reader),
        fallback: fallback(&mut reader),
        refuse,
        effect,
        shared: reader.flag("shared"),
        find: element(&mut reader),
        together: together(&mut reader),
        sensitive: reader.flag("sensitive"),
        span: reader.span(),
    };
    reader.finish();
    Some(call)
}

fn element(reader: &mut Reader<'_, '_>) -> Option<Find> {
    let attribute = reader.attribute("find")?;
    let parsed = entries(&attribute.expr).and_then(|members| {
        Some(Find {
            list: members.get("in")?.clone(),
            by: constant(members.get("by")?)?.as_text()?.clone(),
            value: members.get("is")?.clone(),
        })
    });
    if parsed.is_none() {
        reader.wrong(attribute, "{ in, by, is }");
    }
    parsed
}

fn together(reader: &mut Reader<'_, '_>) -> Option<Together> {
    let attribute = reader.attribute("together")?;
    let parsed = entries(&attribute.expr).and_then(|members| {
        let most = constant(members.get("most")?)?.as_i64()?;
        Some(Together {
            param: constant(members.get("param")?)?.as_text()?.clone(),
            most: usize::try_from(most).ok().filter(|most| *most > 0)?,
        })
    });
    if parsed.is_none() {
        reader.wrong(attribute, "{ param, most }");
    }
    parsed
}

fn pages(reader: &mut Reader<'_, '_>) -> Option<Pages> {
    let attribute = reader.attribute("pages")?;
    let parsed = entries(&attribute.expr).and_then(|members| {
        let ask = constant(members.get("ask")?)?.as_text()?.clone();
        match (members.get("next"), members.get("total"), members.get("size")) {
            (Some(next), None, None) => Some(Pages::Token {
                ask,
                next: next.clone(),
            }),
            (None, Some(total), Some(size)) => Some(Pages::Numbered {
                ask,
                total: total.clone(),
                size: size.clone(),
            }),
            _ => None,
        }
    });
    if parsed.is_none() {
        reader.wrong(attribute, "{ ask, next } or { ask, total, size }");
    }
    parsed
}

fn fallback(reader: &mut Reader<'_, '_>) -> Option<Fallback> {
    let blocks = reader.blocks("fallback");
    let mut inner = merged(&blocks, reader)?;
    let fallback = Fallback {
        when: inner.needed("when"),
        endpoint: inner.needed("endpoint"),
    };
    inner.finish();
    Some(fallback)
}

fn waits(reader: &mut Reader<'_, '_>, poll: Poll) -> Vec<Wait> {
    let blocks = reader.blocks("wait");
    let wait = |block| {
        let mut reader = Reader::new(block, reader.problems);
        let wait = Wait {
            when: reader.expr("when"),
            until: reader.needed("until"),
            times: reader
                .whole("times")
                .and_then(|times| u32::try_from(times).ok())
                .unwrap_or(1),
            every: reader.duration("every").unwrap_or(poll.every),
            limit: reader.duration("limit").unwrap_or(poll.limit),
            now: reader.flag("now"),
            span: reader.span(),
        };
        reader.finish();
        wait
    };
    blocks.into_iter().map(wait).collect()
}

fn effects(reader: &mut Reader<'_, '_>) -> Vec<LocalEffect> {
    let blocks = reader.blocks("effect");
    blocks
        .into_iter()
        .filter_map(|block| effect(block, reader))
        .collect()
}

fn effect(block: &Block, outer: &mut Reader<'_, '_>) -> Option<LocalEffect> {
    let name = outer.label(block)?;
    if &*name != "write_file" {
        let detail = format!("There is no effect {name:?}. The only one is \"write_file\".");
        outer
            .problems
            .push(Diagnostic::error("Unknown effect", detail).at(block.header));
        return None;
    }
    let mut reader = Reader::new(block, outer.problems);
    let effect = LocalEffect::WriteFile {
        when: reader.expr("when"),
        path: reader.needed("path"),
        content: reader.needed("content"),
        span: reader.span(),
    };
    reader.finish();
    Some(effect)
}

/// The expressions of a local effect.
impl LocalEffect {
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let Self::WriteFile {
            when, path, content, ..
        } = self;
        when.iter().chain([path, content])
    }
}
