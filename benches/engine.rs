//! The engine through the library: read configuration, plan, read and write states, without a cloud.
//!
//! `cargo bench` measures; `cargo bench -- plan/` only what is named so.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on must stop")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use keyform::addr::ProviderConfig;
use keyform::config::{self, Files};
use keyform::diag::{Diagnostic, FileId, Result, Sources};
use keyform::eval::{Evaluator, Run};
use keyform::graph::{self, Graph};
use keyform::lang::expr::Host;
use keyform::lang::syntax;
use keyform::plan::{Input, Made, Observer, Options, Wanted, make, steps};
use keyform::resource::operate::{Existence, Found};
use keyform::state::State;
use keyform::state::intent::Intent;
use keyform::value::{Text, Value};

const SIZES: [usize; 2] = [1_000, 10_000];

/// How instances hang together.
#[derive(Clone, Copy)]
enum Shape {
    /// A block each, no references.
    Flat,
    /// One block with `count`, and one that refers to each of its instances.
    Count,
    /// A block each; every one refers to the one before.
    Chain,
}

impl Shape {
    const ALL: [Self; 3] = [Self::Flat, Self::Count, Self::Chain];

    fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Count => "count",
            Self::Chain => "chain",
        }
    }

    /// The text of a configuration of `n` instances.
    fn configuration(self, n: usize) -> String {
        let mut text = String::new();
        match self {
            Self::Flat => {
                for i in 0..n {
                    writeln!(
                        text,
                        "resource \"terraform_data\" \"r{i:06}\" {{\n  input = \"value {i:06}\"\n}}"
                    )
                    .unwrap();
                }
            }
            Self::Count => {
                let half = n / 2;
                text = format!(
                    "resource \"terraform_data\" \"key\" {{\n  count = {half}\n  input = \"value ${{count.index}}\"\n}}\n\
                     resource \"terraform_data\" \"alias\" {{\n  count = {half}\n  input = terraform_data.key[count.index].id\n}}\n"
                );
            }
            Self::Chain => {
                writeln!(
                    text,
                    "resource \"terraform_data\" \"r000000\" {{\n  input = \"first\"\n}}"
                )
                .unwrap();
                for i in 1..n {
                    let before = i - 1;
                    writeln!(
                        text,
                        "resource \"terraform_data\" \"r{i:06}\" {{\n  input = terraform_data.r{before:06}.id\n}}"
                    )
                    .unwrap();
                }
            }
        }
        text
    }
}

/// The state that applying a flat configuration leaves.
fn state_text(n: usize) -> String {
    let resources: Vec<String> = (0..n)
        .map(|i| {
            format!(
                r#"    {{
      "mode": "managed",
      "type": "terraform_data",
      "name": "r{i:06}",
      "provider": "provider[\"terraform.io/builtin/terraform\"]",
      "instances": [
        {{
          "schema_version": 0,
          "attributes": {{
            "id": "00000000-0000-4000-8000-{i:012}",
            "input": {{
              "value": "value {i:06}",
              "type": "string"
            }},
            "output": {{
              "value": "value {i:06}",
              "type": "string"
            }},
            "triggers_replace": null
          }},
          "sensitive_attributes": []
        }}
      ]
    }}"#
            )
        })
        .collect();
    format!(
        "{{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 1,\n  \"lineage\": \
         \"5f0c1f5e-9a4f-4a4e-8d5c-1f2e3d4c5b6a\",\n  \"outputs\": {{}},\n  \"resources\": [\n{}\n  ],\n  \
         \"check_results\": null\n}}\n",
        resources.join(",\n")
    )
}

/// A folder with one file.
struct OneFile(String);

impl Files for OneFile {
    fn list(&self, _dir: &Path) -> std::result::Result<Vec<String>, String> {
        Ok(vec!["main.tf".to_owned()])
    }

    fn read(&self, _path: &Path) -> std::result::Result<String, String> {
        Ok(self.0.clone())
    }
}

/// A machine of which functions see nothing.
struct Nowhere;

impl Host for Nowhere {
    fn read_file(&self, path: &str) -> std::result::Result<Vec<u8>, String> {
        Err(format!("{path} is not there"))
    }

    fn file_exists(&self, _path: &str) -> std::result::Result<bool, String> {
        Ok(false)
    }

    fn working_dir(&self) -> &Path {
        Path::new(".")
    }

    fn now(&self) -> Option<Timestamp> {
        None
    }

    fn plan_time(&self) -> Option<Timestamp> {
        None
    }
}

/// No cloud is asked.
struct Blind;

impl Observer for Blind {
    fn configure(&mut self, _config: &ProviderConfig, arguments: Value) -> Result<Value> {
        Ok(arguments)
    }

    fn refresh(&mut self, wanted: &[Wanted]) -> Vec<Result<Existence>> {
        wanted
            .iter()
            .map(|one| Ok(Existence::There(one.prior.clone())))
            .collect()
    }

    fn read_data(&mut self, _wanted: &Wanted, _arguments: &Value) -> Result<Value> {
        Err(Diagnostic::error("No cloud", "A bench reads no data sources.").into())
    }

    fn open(&mut self, _wanted: &Wanted, _arguments: &Value) -> Result<Option<Value>> {
        Ok(None)
    }

    fn find(&mut self, _: &Wanted, _: &Intent) -> Result<Found> {
        Ok(Found::Untold)
    }

    fn among(&mut self, _: &Wanted, _: &Intent) -> Result<Vec<Text>> {
        Ok(Vec::new())
    }

    fn import(&mut self, _wanted: &Wanted, _id: &str) -> Result<Value> {
        Err(Diagnostic::error("No cloud", "A bench imports nothing.").into())
    }
}

fn load(text: &str) -> Arc<Graph> {
    let mut sources = Sources::new();
    let (configuration, problems) = config::load(
        config::Origin {
            dir: Path::new("."),
            index: Path::new("modules.json"),
            files: &OneFile(text.to_owned()),
        },
        keyform::schema::Catalog::get(),
        None,
        &mut sources,
    );
    assert!(!problems.has_errors(), "{problems:?}");
    Arc::new(graph::build(&configuration).unwrap())
}

fn a_run() -> Run {
    Run {
        workspace: "default".into(),
        root_dir: ".".into(),
        applying: false,
        host: Rc::new(Nowhere),
        validating: false,
    }
}

fn plan(graph: &Arc<Graph>, state: State) -> Made {
    let input = Input {
        graph: graph.clone(),
        state,
        inputs: BTreeMap::new(),
        run: a_run(),
        options: Options {
            skip_refresh: true,
            ..Options::default()
        },
        timestamp: Timestamp::UNIX_EPOCH,
    };
    let made = make(input, &mut Blind);
    assert!(!made.problems.has_errors(), "{:?}", made.problems);
    made
}

fn reading(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("parse");
    for n in SIZES {
        let text = Shape::Flat.configuration(n);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_with_input(BenchmarkId::new("flat", n), &text, |bencher, text| {
            bencher.iter(|| syntax::parse_body(FileId(0), black_box(text)).unwrap());
        });
    }
    group.finish();

    let mut group = bench.benchmark_group("load");
    for n in SIZES {
        let text = Shape::Flat.configuration(n);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_with_input(BenchmarkId::new("flat", n), &text, |bencher, text| {
            bencher.iter(|| load(black_box(text)));
        });
    }
    group.finish();
}

fn evaluating(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("evaluate");
    for n in SIZES {
        let mut text = String::from("locals {\n  l0 = 0\n");
        for i in 1..n {
            writeln!(
                text,
                "  l{i} = length([for x in [1, 2, 3] : x if x > 1]) + local.l{}",
                i - 1
            )
            .unwrap();
        }
        text.push_str("}\n");
        let graph = load(&text);
        group.throughput(Throughput::Elements(n as u64));
        group.bench_with_input(BenchmarkId::new("locals", n), &graph, |bencher, graph| {
            bencher.iter(|| {
                let mut evaluator = Evaluator::new(graph.clone(), BTreeMap::new(), a_run());
                for &id in graph.order() {
                    assert!(!evaluator.evaluate_node(id).has_errors());
                }
                evaluator
            });
        });
    }
    group.finish();
}

fn planning(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("plan");
    for n in SIZES {
        group.throughput(Throughput::Elements(n as u64));
        for shape in Shape::ALL {
            let graph = load(&shape.configuration(n));
            let name = format!("{} from nothing", shape.name());
            group.bench_with_input(BenchmarkId::new(name, n), &graph, |bencher, graph| {
                bencher.iter(|| plan(graph, State::new()));
            });
        }
        let graph = load(&Shape::Flat.configuration(n));
        let text = state_text(n);
        group.bench_with_input(
            BenchmarkId::new("flat, nothing to do", n),
            &graph,
            |bencher, graph| {
                bencher.iter_batched(
                    || State::parse(text.as_str(), "bench").unwrap(),
                    |state| plan(graph, state),
                    BatchSize::LargeInput,
                );
            },
        );
        let made = plan(&graph, State::new());
        group.bench_with_input(BenchmarkId::new("steps", n), &made, |bencher, made| {
            bencher.iter(|| steps(made));
        });
    }
    group.finish();
}

fn states(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("state");
    for n in SIZES {
        let text = state_text(n);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("read", n), &text, |bencher, text| {
            bencher.iter(|| State::parse(black_box(text.as_str()), "bench").unwrap());
        });
        let state = State::parse(text.as_str(), "bench").unwrap();
        assert_eq!(state.to_text(), text, "a state is written as it was read");
        group.bench_with_input(BenchmarkId::new("write", n), &state, |bencher, state| {
            bencher.iter(|| black_box(state).to_text());
        });
    }
    group.finish();
}

criterion_group! {
    name = engine;
    config = Criterion::default().sample_size(10);
    targets = reading, evaluating, planning, states
}
criterion_main!(engine);
